using System.Text.Json;

namespace Graft.Training.Run;

/// <summary>Content of timing.json: seconds by phase, the only file of a run that differs from run to run.</summary>
internal sealed record RunTiming(IReadOnlyDictionary<string, double> Seconds)
{
    public const string Name = "timing.json";

    private const long Longest = 1 << 20;

    /// <summary>
    /// Seconds by phase of the sessions so far. They are only shown, so a file that cannot be read counts as empty.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        try
        {
            return
                File.Exists(path)
                && new FileInfo(path).Length < Longest
                && JsonSerializer.Deserialize<RunTiming>(File.ReadAllBytes(path), TrainingRun.Json) is RunTiming timing
                ? timing.Seconds
                : new Dictionary<string, double>();
        }
        catch (JsonException)
        {
            return new Dictionary<string, double>();
        }
    }
}
