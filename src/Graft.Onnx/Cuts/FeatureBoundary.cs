namespace Graft.Onnx;

/// <summary>The edge where a classifier's body (backbone) ends and its head begins.</summary>
/// <param name="Edge">Name of the body's last edge.</param>
/// <param name="Kind">Kind of the features at the edge; it decides which heads fit.</param>
/// <param name="Reason">One line for the user that says why this edge was chosen.</param>
public sealed record FeatureBoundary(string Edge, FeatureKind Kind, string Reason)
{
    /// <summary>
    /// Earlier feature maps that a head may also pool, ordered from the last to the first; empty by default.
    /// </summary>
    public IReadOnlyList<string> StageEdges { get; init; } = [];

    /// <summary>Finds the boundary between body and head in a classifier.</summary>
    /// <param name="model">The whole network.</param>
    /// <param name="inputShape">Shape of the input without the batch dimension: 3 x H x W.</param>
    /// <exception cref="OnnxException">No classifier is recognized; use <see cref="FromEdge"/>.</exception>
    public static FeatureBoundary Find(OnnxModel model, IReadOnlyList<long> inputShape)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputShape);
        OnnxGraph graph = new(model);
        List<string> edges = CutPoints.Dominators(graph, ImageEdges.Find(graph));
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(model, edges, 1, inputShape);
        int last = Enumerable
            .Range(1, edges.Count - 1)
            .LastOrDefault(i => IsClassifier(graph, edges[i]) || IsQuantizedClassifier(graph, edges, i));
        if (last < 1)
        {
            return WithoutClassifier(model, graph, edges, shapes);
        }

        NodeProto classifier = graph.ProducerOf(edges[last])!;
        if (classifier.OpType == "Conv" && IsMap(shapes[edges[last - 1]]))
        {
            return new(
                SkipBack(graph, edges[last - 1]),
                FeatureKind.Map,
                $"a 1x1 convolution with {shapes[edges[last]][1]} outputs is the classifier"
            );
        }

        string? map = MapBefore(graph, edges, last, shapes);
        return map is not null
                ? new(SkipBack(graph, map), FeatureKind.Map, "the last feature map before the classifier")
            : shapes[edges[last - 1]].Length == 2
                ? new(
                    SkipBack(graph, edges[last - 1]),
                    FeatureKind.Vector,
                    "the input of the last fully connected layer"
                )
            : throw new OnnxException(
                model.Graph.Name,
                "no feature map or feature vector was found before its classifier; "
                    + "name the edge where the body ends"
            );
    }

    private static FeatureBoundary WithoutClassifier(
        OnnxModel model,
        OnnxGraph graph,
        List<string> edges,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        if (graph.Nodes.Any(node => node.Domain == CutPoints.BlockedDomain))
        {
            throw new OnnxException(
                model.Graph.Name,
                $"its classifier uses ONNX Runtime's own channel order ({CutPoints.BlockedDomain}); save it with the "
                    + "optimization level 'extended' at most, or name the edge where the body ends"
            );
        }

        return MapBefore(graph, edges, edges.Count, shapes) is string pooled
            ? new(SkipBack(graph, pooled), FeatureKind.Map, "the last feature map; the file has no classifier")
            : throw new OnnxException(
                model.Graph.Name,
                "no fully connected layer or 1x1 convolution was found before its output; "
                    + "name the edge where the body ends"
            );
    }

    /// <summary>The boundary at an edge that the user chose.</summary>
    /// <param name="model">The whole network.</param>
    /// <param name="edge">Name of the edge; it must be a cut point with 2 or 4 dimensions.</param>
    /// <param name="inputShape">Shape of the input without the batch dimension: 3 x H x W.</param>
    /// <exception cref="OnnxException">The edge is not a cut point, or has another number of dimensions.</exception>
    public static FeatureBoundary FromEdge(OnnxModel model, string edge, IReadOnlyList<long> inputShape)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(inputShape);
        OnnxGraph graph = new(model);
        if (!CutPoints.Dominators(graph, ImageEdges.Find(graph)).Contains(edge))
        {
            throw new OnnxException(edge, "it is not a cut point of the network; `graft cuts` lists the cut points");
        }

        long[] shape = ShapeProbe.Measure(model, [edge], 1, inputShape)[edge];
        return shape.Length switch
        {
            4 => new(edge, FeatureKind.Map, "chosen by name"),
            2 => new(edge, FeatureKind.Vector, "chosen by name"),
            _ => throw new OnnxException(
                edge,
                $"it has {shape.Length} dimensions, and features have 4 (a map) or 2 (a vector); "
                    + "`graft cuts` lists the shapes"
            ),
        };
    }

    private static bool IsClassifier(OnnxGraph graph, string edge) =>
        graph.ProducerOf(edge) is NodeProto { OpType: "Gemm" or "MatMul" or "Conv" } node
        && node.Input.Skip(1).Any(graph.IsConstant)
        && (node.OpType != "Conv" || IsPointwise(graph, node));

    private static bool IsPointwise(OnnxGraph graph, NodeProto convolution)
    {
        long[]? kernel = convolution.GetInts("kernel_shape")
            ?? (
                graph.Weights.TryGetValue(convolution.Input[1], out TensorProto? weight)
                    ? [.. weight.Dims.Skip(2)]
                    : null
            );
        return kernel is null || kernel.All(size => size == 1);
    }

    private static bool IsQuantizedClassifier(OnnxGraph graph, List<string> edges, int index) =>
        graph
            .Ancestors([edges[index]], stopAt: edges[index - 1])
            .Any(node =>
                HeadOperators.QuantizedProducts.Contains(node.OpType) && node.Input.Skip(1).Any(graph.IsConstant)
            );

    // Walks from the classifier towards the input, through the head, to the map that is pooled or flattened.
    private static string? MapBefore(
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
                // Null if axes 1 and 2 are pooled: the map is N,H,W,C.
                return shapes[edge][1] == shapes[before][1] ? before : null;
            }

            if (shapes[edge].Length == 2 && shapes[before].Length == 4)
            {
                flattened = before;
                continue;
            }

            bool mayPass =
                HeadOperators.All.Contains(node.OpType)
                && (
                    shapes[edge].Length == 2
                    || node.OpType is "Transpose" or "LayerNormalization"
                    || !IsMap(shapes[edge])
                );
            if (!mayPass)
            {
                return flattened;
            }
        }

        return flattened;
    }

    private static bool IsGlobalPool(NodeProto node, long[] before, long[] after) =>
        HeadOperators.Pools.Contains(node.OpType)
        && before.Length == 4
        && (after.Length == 2 || !IsMap(after))
        && (IsMap(before) || node.OpType.StartsWith("Global", StringComparison.Ordinal));

    private static bool IsMap(long[] shape) => shape.Length == 4 && shape[2] * shape[3] > 1;

    // Dropout and Identity belong to the head. Features are the floats before they are rounded to bytes.
    private static string SkipBack(OnnxGraph graph, string edge)
    {
        while (graph.ProducerOf(edge) is NodeProto { OpType: "Dropout" or "Identity" or "QuantizeLinear" } node)
        {
            edge = node.Input[0];
        }

        return edge;
    }
}
