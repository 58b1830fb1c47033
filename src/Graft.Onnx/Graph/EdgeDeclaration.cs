namespace Graft.Onnx;

/// <summary>Declares float32 inputs and outputs of a graph.</summary>
public static class EdgeDeclaration
{
    /// <summary>Declares a float32 edge with a dynamic batch dimension named N.</summary>
    /// <param name="edge">Name of the edge.</param>
    /// <param name="shape">Shape of one image's values, without the batch dimension.</param>
    public static ValueInfoProto Create(string edge, IEnumerable<long> shape)
    {
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(shape);
        ValueInfoProto value = CreateFixed(edge, shape);
        value.Type.TensorType.Shape.Dim.Insert(0, new TensorShapeProto.Types.Dimension { DimParam = "N" });
        return value;
    }

    /// <summary>Declares a float32 edge whose dimensions are all fixed.</summary>
    /// <param name="shape">The whole shape, including the batch dimension.</param>
    internal static ValueInfoProto CreateFixed(string edge, IEnumerable<long> shape)
    {
        TensorShapeProto dimensions = new();
        dimensions.Dim.AddRange(shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dimensions };
        return new ValueInfoProto
        {
            Name = edge,
            Type = new TypeProto { TensorType = tensor },
        };
    }
}
