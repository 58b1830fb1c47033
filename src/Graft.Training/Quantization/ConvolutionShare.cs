using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>The share of a network's multiply-adds that lies in its quantized convolutions.</summary>
internal static class ConvolutionShare
{
    /// <summary>Below this share, int8 would not make a network faster.</summary>
    public const double Least = 0.5;

    /// <summary>The share, 0 to 1.</summary>
    public static double Of(OnnxModel network, QuantizedPart part, IReadOnlyList<long> inputShape)
    {
        NodeProto[] products = [.. network.Graph.Node.Where(node => node.OpType is "Conv" or "Gemm" or "MatMul")];
        HashSet<string> weights = [.. network.Graph.Initializer.Select(weight => weight.Name)];
        string[] edges =
        [
            .. products
                .SelectMany(node => new[] { node.Input[0], node.Output[0] })
                .Where(edge => !weights.Contains(edge))
                .Distinct(),
        ];
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(network, edges, 1, inputShape);
        double inBytes = products.Where(part.Contains).Sum(node => MultiplyAdds(node, part, shapes));
        double all = products.Sum(node => MultiplyAdds(node, part, shapes));
        return all > 0 ? inBytes / all : 0;
    }

    private static double MultiplyAdds(NodeProto node, QuantizedPart part, IReadOnlyDictionary<string, long[]> shapes)
    {
        double results = Product(shapes[node.Output[0]]);
        return part.Convolutions.TryGetValue(node, out Convolution? convolution) ? results * convolution.FilterSize
            : shapes.TryGetValue(node.Input[0], out long[]? left) && node.OpType != "Conv" ? results * left[^1]
            : results;
    }

    private static double Product(IEnumerable<long> shape) => shape.Aggregate(1.0, (product, side) => product * side);
}
