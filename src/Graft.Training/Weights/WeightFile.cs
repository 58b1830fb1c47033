namespace Graft.Training.Weights;

/// <summary>What a weight file holds, whatever its format.</summary>
/// <param name="Path">The file, as it was given; used in messages only.</param>
/// <param name="Tensors">By name, in the file's order.</param>
/// <param name="Metadata">The file's own remarks about itself; empty where the format has none.</param>
internal sealed record WeightFile(
    string Path, IReadOnlyDictionary<string, WeightTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>For formats that carry no remarks.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();
}
