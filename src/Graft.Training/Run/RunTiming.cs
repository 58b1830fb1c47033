using System.Text.Json;

namespace Graft.Training.Run;

/// <summary>What timing.json holds: seconds by phase, the one thing about a run that differs each time.</summary>
internal sealed record RunTiming(IReadOnlyDictionary<string, double> Seconds)
{
    public const string Name = "timing.json";

    private const long Longest = 1 << 20;

    /// <summary>Of the sessions so far. Times are told, not used: a file that cannot be read counts as none.</summary>
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
