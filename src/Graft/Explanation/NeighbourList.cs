using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Explanation;

/// <summary>The content of neighbours.json: which images the archive beside a model holds.</summary>
/// <param name="Version">Version of the archive's form.</param>
/// <param name="ModelSha256">SHA-256 of the model that computed the features.</param>
/// <param name="FeatureCount">Features of one image, F.</param>
/// <param name="Images">The images in the order of their features.</param>
internal sealed record NeighbourList(
    [property: JsonRequired] int Version,
    [property: JsonRequired] string ModelSha256,
    [property: JsonRequired] int FeatureCount,
    [property: JsonRequired] IReadOnlyList<NeighbourEntry> Images
)
{
    /// <summary>The version that this code reads and writes.</summary>
    public const int CurrentVersion = 1;

    private const int MostFeatures = 1_000_000;

    /// <summary>The list as JSON.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, NeighbourJson.Default.NeighbourList);

    /// <summary>Reads a list; null if it has another form.</summary>
    public static NeighbourList? Parse(byte[] json)
    {
        try
        {
            NeighbourList? list = JsonSerializer.Deserialize(json, NeighbourJson.Default.NeighbourList);
            return list is { FeatureCount: >= 1 and <= MostFeatures, Images.Count: >= 1 } && list.Images.All(IsWhole)
                ? list
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsWhole(NeighbourEntry? entry) =>
        entry is { Name: not null, Sha256: not null, Labels: not null } && entry.Labels.All(label => label is not null);
}

/// <summary>One image.</summary>
/// <param name="Name">Its name in the training set.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Sha256">SHA-256 of its file.</param>
internal sealed record NeighbourEntry(
    [property: JsonRequired] string Name,
    [property: JsonRequired] IReadOnlyList<string> Labels,
    [property: JsonRequired] string Sha256
);

/// <summary>Reads and writes the list without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NeighbourList))]
internal sealed partial class NeighbourJson : JsonSerializerContext;
