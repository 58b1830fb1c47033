using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>A training image that looks to the network like a test image.</summary>
/// <param name="Path">Its name in the set.</param>
/// <param name="Distance">One minus the cosine of the two images' features, 0 to 2.</param>
internal sealed record NearTrainingImage(string Path, double Distance);

/// <summary>The training images that look most like one test image.</summary>
/// <param name="Path">Name of the test image in the set.</param>
/// <param name="Nearest">The nearest one first.</param>
internal sealed record NearestOfImage(string Path, IReadOnlyList<NearTrainingImage> Nearest);

/// <summary>A run's nearest.json: what the report shows beside mistakes.</summary>
internal static class NearestFile
{
    /// <summary>Name of the file in a run's folder.</summary>
    public const string FileName = "nearest.json";

    private const long LongestFile = 16 << 20;

    private static readonly JsonSerializerOptions s_options = new(TrainingRun.Json)
    {
        TypeInfoResolver = NearestJson.Default,
    };

    private static readonly JsonTypeInfo<NearestOfImage[]> s_type =
        (JsonTypeInfo<NearestOfImage[]>)s_options.GetTypeInfo(typeof(NearestOfImage[]));

    /// <summary>Content of the file.</summary>
    public static string ToText(IReadOnlyList<NearestOfImage> nearest) =>
        JsonSerializer.Serialize([.. nearest], s_type) + "\n";

    /// <summary>The nearest images of a run's mistakes; none where the run is of an earlier version.</summary>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static IReadOnlyList<NearestOfImage> Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonFile.Read(path, LongestFile, s_type) : [];
    }
}

/// <summary>The generated code that writes and reads nearest.json.</summary>
[JsonSerializable(typeof(NearestOfImage[]))]
internal sealed partial class NearestJson : JsonSerializerContext;
