namespace Graft.Onnx;

/// <summary>
/// Walks from a classifier towards the input, through the head, to the map that is pooled or flattened.
/// </summary>
internal static class HeadWalk
{
    /// <summary>The feature map before a head; null where the head does not begin at a map.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="edges">Its cut points, the input first.</param>
    /// <param name="classifier">
    /// Index of the classifier's edge; the number of edges where there is no classifier.
    /// </param>
    /// <param name="shapes">Shapes of the edges for one image.</param>
    public static string? MapBefore(
        OnnxGraph graph,
        List<string> edges,
        int classifier,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        string? flattened = null;
        for (int i = classifier - 1; i > 0; i--)
        {
            (string edge, string before) = (edges[i], edges[i - 1]);
            NodeProto node = graph.ProducerOf(edge)!;
            if (shapes[edge].Length == 3 || shapes[before].Length == 3)
            {
                return null; // tokens: a transformer
            }

            if (IsGlobalPool(node, shapes[before], shapes[edge]))
            {
                return PooledMap(graph, before, shapes[before], shapes[edge]);
            }

            bool isFlattening = shapes[edge].Length == 2 && shapes[before].Length == 4;
            if (isFlattening || ClassifierLayer.CoversMap(graph, node, shapes[before], shapes[edge]))
            {
                flattened = BeforeTransposition(graph, before) ?? before;
            }
            else if (!BelongsToHead(graph, node, shapes[edge]))
            {
                return flattened;
            }
        }

        return flattened;
    }

    // Where axes 1 and 2 are pooled the map is N x H x W x C, which is usable if a Transpose made it.
    private static string? PooledMap(OnnxGraph graph, string map, long[] before, long[] after) =>
        BeforeTransposition(graph, map) ?? (after[1] == before[1] ? map : null);

    // The map N x C x H x W from which a Transpose makes N x H x W x C. Exports of Keras do so before a Flatten. An
    // activation function between the two is left out: with its channels last no head can pool the map.
    private static string? BeforeTransposition(OnnxGraph graph, string map)
    {
        while (graph.ProducerOf(map) is NodeProto node)
        {
            if (node.OpType == "Transpose")
            {
                return node.GetInts("perm") is [0, 2, 3, 1] ? node.Input[0] : null;
            }

            if (!HeadOperators.Activations.Contains(node.OpType))
            {
                return null;
            }

            map = node.Input[0];
        }

        return null;
    }

    private static bool BelongsToHead(OnnxGraph graph, NodeProto node, long[] shape) =>
        (
            HeadOperators.All.Contains(node.OpType)
            && (
                shape.Length == 2
                || node.OpType is "Transpose" or "LayerNormalization"
                || !ImageEdges.IsMap(shape)
            )
        ) || (node.OpType == "Conv" && !ImageEdges.IsMap(shape) && ClassifierLayer.IsPointwise(graph, node));

    private static bool IsGlobalPool(NodeProto node, long[] before, long[] after) =>
        HeadOperators.Pools.Contains(node.OpType)
        && before.Length == 4
        && (after.Length == 2 || (after.Length == 4 && !ImageEdges.IsMap(after)))
        && (ImageEdges.IsMap(before) || node.OpType.StartsWith("Global", StringComparison.Ordinal));
}
