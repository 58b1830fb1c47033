namespace Graft.Onnx;

/// <summary>Counts multiply-adds of convolutions and matrix products, which dominate a network's cost.</summary>
internal static class ComputeCost
{
    // The input that holds the weight, for each operator.
    private static readonly Dictionary<string, int> s_weights = new()
    {
        ["Conv"] = 1,
        ["ConvTranspose"] = 1,
        ["ConvInteger"] = 1,
        ["QLinearConv"] = 3,
        ["Gemm"] = 1,
        ["QGemm"] = 3,
        ["MatMul"] = 1,
        ["MatMulInteger"] = 1,
        ["QLinearMatMul"] = 3,
    };

    /// <summary>The edges whose shapes <see cref="MultiplyAdds"/> needs.</summary>
    public static IEnumerable<string> RequiredEdges(OnnxGraph graph) =>
        graph.Nodes.Where(IsCounted).SelectMany(ShapeEdges(graph));

    /// <summary>Multiply-adds of one node for the measured shapes; 0 for any other kind of node.</summary>
    public static long MultiplyAdds(OnnxGraph graph, NodeProto node, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (!IsCounted(node))
        {
            return 0;
        }

        if (node.OpType is "Conv" or "ConvTranspose" or "ConvInteger" or "QLinearConv")
        {
            // Weights are [out, in / groups, kernel...], or [in, out / groups, kernel...] for ConvTranspose. Either way
            // each position below is multiplied by all dimensions of a filter but the first.
            long[] weight = ShapeOf(graph, node.Input[s_weights[node.OpType]], shapes);
            string placed = node.OpType == "ConvTranspose" ? node.Input[0] : node.Output[0];
            long[] positions = ShapeOf(graph, placed, shapes);
            return Product(positions) * Product(weight[1..]);
        }

        long[] left = ShapeOf(graph, node.Input[0], shapes);
        bool isTransposed = node.OpType is "Gemm" or "QGemm" && node.GetInt("transA", 0) != 0;
        return Product(ShapeOf(graph, node.Output[0], shapes)) * (isTransposed ? left[0] : left[^1]);
    }

    private static bool IsCounted(NodeProto node) =>
        s_weights.TryGetValue(node.OpType, out int weight) && weight < node.Input.Count;

    private static Func<NodeProto, IEnumerable<string>> ShapeEdges(OnnxGraph graph) =>
        node =>
            ((string[])[node.Input[0], node.Input[s_weights[node.OpType]], node.Output[0]]).Where(edge =>
                !graph.Weights.ContainsKey(edge)
            );

    private static long[] ShapeOf(OnnxGraph graph, string edge, IReadOnlyDictionary<string, long[]> shapes) =>
        graph.Weights.TryGetValue(edge, out TensorProto? weight) ? [.. weight.Dims] : shapes[edge];

    private static long Product(IEnumerable<long> shape) => shape.Aggregate(1L, (product, d) => product * d);
}
