namespace Graft.Onnx;

/// <summary>What a foreign ONNX file may ask for before it is refused.</summary>
public sealed record OnnxLimits
{
    /// <summary>Bytes of the file itself; protobuf ends at 2 GiB.</summary>
    public long FileBytes { get; init; } = int.MaxValue;

    /// <summary>Bytes of all external data files together.</summary>
    public long ExternalBytes { get; init; } = int.MaxValue;

    /// <summary>Nodes of the graph and of the graphs within its nodes.</summary>
    public int Nodes { get; init; } = 100_000;

    /// <summary>Elements of one tensor.</summary>
    public long TensorElements { get; init; } = 1L << 31;

    /// <summary>Nesting of protobuf messages.</summary>
    public int Depth { get; init; } = 64;
}
