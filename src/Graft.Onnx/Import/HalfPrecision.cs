using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Converts a float16 or bfloat16 network to float32, which represents the same values exactly. Training needs float32
/// weights, and ONNX Runtime computes half precision on a CPU in float32 anyway.
/// </summary>
internal static class HalfPrecision
{
    // Attributes that hold an element type.
    private static readonly HashSet<string> s_types =
    [
        "to",
        "dtype",
        "output_dtype",
        "output_datatype",
        "stash_type",
        "softmax_precision",
    ];

    /// <summary>Converts a graph and its nested graphs, and returns the number of converted values.</summary>
    public static int ToSingle(GraphProto graph)
    {
        graph.ValueInfo.Clear(); // holds the old types
        int count = graph.Initializer.Count(Convert);
        foreach (
            ValueInfoProto value in graph
                .Input.Concat(graph.Output)
                .Where(v => v.Type?.TensorType is not null && IsHalf(v.Type.TensorType.ElemType))
        )
        {
            value.Type.TensorType.ElemType = (int)DataType.Float;
            count++;
        }

        foreach (AttributeProto attribute in graph.Node.SelectMany(node => node.Attribute))
        {
            count +=
                (attribute.T is not null && Convert(attribute.T) ? 1 : 0)
                + attribute.Tensors.Count(Convert)
                + attribute.Graphs.Sum(ToSingle)
                + (attribute.G is null ? 0 : ToSingle(attribute.G));
            if (s_types.Contains(attribute.Name) && IsHalf(attribute.I))
            {
                attribute.I = (long)DataType.Float;
                count++;
            }
        }

        return count;
    }

    private static bool IsHalf(long type) => (DataType)type is DataType.Float16 or DataType.Bfloat16;

    private static bool Convert(TensorProto tensor)
    {
        if (!IsHalf(tensor.DataType))
        {
            return false;
        }

        TensorProto single = TensorValues.FromSingles(tensor.Name, tensor.Dims, TensorValues.ToSingles(tensor));
        tensor.Int32Data.Clear();
        (tensor.DataType, tensor.RawData) = (single.DataType, single.RawData);
        return true;
    }
}
