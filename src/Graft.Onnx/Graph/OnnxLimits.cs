namespace Graft.Onnx;

/// <summary>Limits that protect a program from hostile or damaged ONNX files.</summary>
public sealed record OnnxLimits
{
    /// <summary>Size of the file in bytes; protobuf allows at most 2 GiB.</summary>
    public long FileBytes { get; init; } = int.MaxValue;

    /// <summary>Total size of the external weights in bytes.</summary>
    public long ExternalBytes { get; init; } = int.MaxValue;

    /// <summary>Number of nodes, including those of nested graphs.</summary>
    public int Nodes { get; init; } = 100_000;

    /// <summary>Number of elements of one tensor.</summary>
    public long TensorElements { get; init; } = 1L << 31;

    /// <summary>Nesting depth of protobuf messages.</summary>
    public int Depth { get; init; } = 64;
}
