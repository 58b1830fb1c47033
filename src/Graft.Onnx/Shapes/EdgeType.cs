namespace Graft.Onnx;

/// <summary>The shape and kind of the values at an edge.</summary>
/// <param name="Shape">All dimensions; -1 for a dimension that is unknown before the network runs.</param>
/// <param name="IsFloat">Whether the values are float32 or float64.</param>
internal sealed record EdgeType(long[] Shape, bool IsFloat);
