namespace Graft.Onnx;

/// <summary>Multiply-adds of the nodes that dominate a network's cost: convolutions and matrix products.</summary>
internal static class ComputeCost
{
    /// <summary>The edges whose shapes <see cref="MultiplyAdds"/> needs.</summary>
    public static IEnumerable<string> RequiredEdges(OnnxGraph graph) =>
        graph.Nodes.Where(IsCounted).SelectMany(ShapeEdges(graph));

    /// <summary>For one run with the measured shapes; 0 for a node that is not counted.</summary>
    public static long MultiplyAdds(OnnxGraph graph, NodeProto node, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (!IsCounted(node))
        {
            return 0;
        }

        if (node.OpType is "Conv" or "ConvTranspose")
        {
            // Weights are [out, in / groups, kernel…], for ConvTranspose [in, out / groups, kernel…]: either way each
            // element of the
            // first tensor below meets all of a filter but its first dimension.
            long[] weight = ShapeOf(graph, node.Input[1], shapes);
            long[] positions = ShapeOf(graph, node.OpType == "Conv" ? node.Output[0] : node.Input[0], shapes);
            return Product(positions) * Product(weight[1..]);
        }

        long[] left = ShapeOf(graph, node.Input[0], shapes);
        bool isTransposed = node.OpType == "Gemm" && node.GetInt("transA", 0) != 0;
        return Product(ShapeOf(graph, node.Output[0], shapes)) * (isTransposed ? left[0] : left[^1]);
    }

    private static bool IsCounted(NodeProto node) => node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul";

    private static Func<NodeProto, IEnumerable<string>> ShapeEdges(OnnxGraph graph) =>
        node => node.Input.Take(2).Append(node.Output[0]).Where(edge => !graph.Weights.ContainsKey(edge));

    private static long[] ShapeOf(OnnxGraph graph, string edge, IReadOnlyDictionary<string, long[]> shapes) =>
        graph.Weights.TryGetValue(edge, out TensorProto? weight) ? [.. weight.Dims] : shapes[edge];

    private static long Product(IEnumerable<long> shape) => shape.Aggregate(1L, (product, d) => product * d);
}
