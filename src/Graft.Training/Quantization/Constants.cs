using Google.Protobuf;
using Graft.Onnx;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Quantization;

/// <summary>Reads and writes the constant tensors of a graph.</summary>
internal static class Constants
{
    /// <summary>The float values of a weight or of a Constant node; null where the edge is neither.</summary>
    public static TensorProto? Of(OnnxGraph graph, string edge)
    {
        TensorProto? tensor =
            graph.Weights.TryGetValue(edge, out TensorProto? weight) ? weight
            : graph.ProducerOf(edge) is { OpType: "Constant" } node ? node.FindAttribute("value")?.T
            : null;
        return tensor is not null && TensorValues.IsFloat(tensor) ? tensor : null;
    }

    /// <summary>The value of a constant scalar; null where the edge holds no single constant number.</summary>
    public static float? Scalar(OnnxGraph graph, string edge) =>
        Of(graph, edge) is TensorProto tensor && TensorValues.ToSingles(tensor) is [float value] ? value : null;

    /// <summary>A tensor of bytes.</summary>
    public static TensorProto Bytes(string name, IEnumerable<long> shape, ReadOnlySpan<byte> values) =>
        Create(name, DataType.Uint8, shape, values);

    /// <summary>A tensor of signed bytes.</summary>
    public static TensorProto SignedBytes(string name, IEnumerable<long> shape, ReadOnlySpan<sbyte> values) =>
        Create(name, DataType.Int8, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

    /// <summary>A tensor of 32-bit integers.</summary>
    public static TensorProto Integers(string name, IEnumerable<long> shape, ReadOnlySpan<int> values) =>
        Create(name, DataType.Int32, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

    private static TensorProto Create(string name, DataType type, IEnumerable<long> shape, ReadOnlySpan<byte> values)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(shape);
        tensor.RawData = ByteString.CopyFrom(values);
        return tensor;
    }
}
