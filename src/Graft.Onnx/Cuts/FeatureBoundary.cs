namespace Graft.Onnx;

/// <summary>What a body gives.</summary>
internal enum FeatureKind
{
    /// <summary>N x C x H x W: pooled or flattened by the head.</summary>
    Map,

    /// <summary>N x F.</summary>
    Vector,
}

/// <summary>Where a classifier's body ends and its head begins.</summary>
/// <param name="Edge">The body's last edge.</param>
/// <param name="Kind">What kind of edge it is, which decides what heads can be put on it.</param>
/// <param name="Reason">One line for the user: what was recognised.</param>
internal sealed record FeatureBoundary(string Edge, FeatureKind Kind, string Reason)
{
    /// <summary>Earlier maps whose averages a head may see beside the last one's, last first.</summary>
    public IReadOnlyList<string> StageEdges { get; init; } = [];

    // What may stand between a feature map and the logits and is thrown away with the head.
    private static readonly HashSet<string> s_headOperators =
    [
        "GlobalAveragePool",
        "GlobalMaxPool",
        "AveragePool",
        "MaxPool",
        "ReduceMean",
        "ReduceMax",
        "Flatten",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "Dropout",
        "Identity",
        "Gemm",
        "MatMul",
        "Add",
        "Mul",
        "Sub",
        "Div",
        "Relu",
        "Clip",
        "HardSwish",
        "HardSigmoid",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LogSoftmax",
        "LayerNormalization",
        "BatchNormalization",
        "Transpose",
        "Cast",
        "Gelu",
        "Erf",
        "Sqrt",
        "Pow",
        "QuantizeLinear",
        "DequantizeLinear",
    ];

    // Fully connected layers on bytes, which have other nodes around them than a product and a sum.
    private static readonly HashSet<string> s_quantisedProducts =
    [
        "MatMulInteger",
        "QLinearMatMul",
        "QGemm",
        "DynamicQuantizeMatMul",
        "MatMulIntegerToFloat",
        "FusedGemm",
        "FusedMatMul",
    ];

    private static readonly HashSet<string> s_pools =
    [
        "GlobalAveragePool",
        "GlobalMaxPool",
        "AveragePool",
        "MaxPool",
        "ReduceMean",
        "ReduceMax",
    ];

    /// <summary>Finds the boundary of a classifier.</summary>
    /// <param name="inputShape">3 x H x W.</param>
    /// <exception cref="OnnxException">No classifier is recognised; --features names the edge.</exception>
    public static FeatureBoundary Find(OnnxModel model, IReadOnlyList<long> inputShape)
    {
        OnnxGraph graph = new(model);
        List<string> edges = CutPoints.Dominators(graph, ImageEdges.Find(graph));
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(model, edges, 1, inputShape);
        int last = Enumerable
            .Range(1, edges.Count - 1)
            .LastOrDefault(i => IsClassifier(graph, edges[i]) || IsQuantisedClassifier(graph, edges, i));
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
                "neither a feature map nor a vector of features was found before its classifier; name the body's last edge with --features"
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
                $"its classifier is hidden in ONNX Runtime's own order of channels ({CutPoints.BlockedDomain}); save it with the optimisation level 'extended' at most, or name the body's last edge with --features"
            );
        }

        return MapBefore(graph, edges, edges.Count, shapes) is string pooled
            ? new(SkipBack(graph, pooled), FeatureKind.Map, "the last feature map; the file has no classifier")
            : throw new OnnxException(
                model.Graph.Name,
                "no fully connected layer or 1x1 convolution was found before its output; name the body's last edge with --features"
            );
    }

    /// <summary>The boundary at an edge that the user names.</summary>
    public static FeatureBoundary FromEdge(OnnxModel model, string edge, IReadOnlyList<long> inputShape)
    {
        OnnxGraph graph = new(model);
        if (!CutPoints.Dominators(graph, ImageEdges.Find(graph)).Contains(edge))
        {
            throw new OnnxException(edge, "it is not a cut point of the network; `graft cuts` lists those that are");
        }

        long[] shape = ShapeProbe.Measure(model, [edge], 1, inputShape)[edge];
        return shape.Length switch
        {
            4 => new(edge, FeatureKind.Map, "named by --features"),
            2 => new(edge, FeatureKind.Vector, "named by --features"),
            _ => throw new OnnxException(
                edge,
                $"it has {shape.Length} dimensions; features are a map of 4 or a vector of 2 (`graft cuts` lists the shapes)"
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

    private static bool IsQuantisedClassifier(OnnxGraph graph, List<string> edges, int index) =>
        Subgraph
            .Ancestors(graph, [edges[index]], stopAt: edges[index - 1])
            .Any(node => s_quantisedProducts.Contains(node.OpType) && node.Input.Skip(1).Any(graph.IsConstant));

    // Walks from the classifier towards the input, through what belongs to a head, to the map that is pooled or
    // flattened.
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
                // null: pooled over axes 1 and 2, the map is N,H,W,C
                return shapes[edge][1] == shapes[before][1] ? before : null;
            }

            if (shapes[edge].Length == 2 && shapes[before].Length == 4)
            {
                flattened = before;
                continue;
            }

            bool mayPass =
                s_headOperators.Contains(node.OpType)
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
        s_pools.Contains(node.OpType)
        && before.Length == 4
        && (after.Length == 2 || !IsMap(after))
        && (IsMap(before) || node.OpType.StartsWith("Global", StringComparison.Ordinal));

    private static bool IsMap(long[] shape) => shape.Length == 4 && shape[2] * shape[3] > 1;

    // Dropout and Identity belong to the head that is thrown away; features are floats, not the bytes that they were
    // rounded to.
    private static string SkipBack(OnnxGraph graph, string edge)
    {
        while (graph.ProducerOf(edge) is NodeProto { OpType: "Dropout" or "Identity" or "QuantizeLinear" } node)
        {
            edge = node.Input[0];
        }

        return edge;
    }
}
