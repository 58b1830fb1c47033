using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>An image that others are compared with.</summary>
/// <param name="Image">The image.</param>
/// <param name="Labels">Its labels.</param>
public sealed record NeighbourSource(NamedImage Image, IReadOnlyList<string> Labels);
