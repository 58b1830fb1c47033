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

    /// <summary>
    /// Boundaries of other networks in the same graph, whose features a head sees beside those of
    /// <see cref="Edge"/>; empty by default.
    /// </summary>
    public IReadOnlyList<FeatureBoundary> Beside { get; init; } = [];

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
            .LastOrDefault(i => ClassifierLayer.IsAt(graph, edges, i, shapes));
        if (last < 1)
        {
            return WithoutClassifier(model, graph, edges, shapes);
        }

        NodeProto classifier = graph.ProducerOf(edges[last])!;
        (long[] classes, long[] answer) = (shapes[edges[last]], shapes[edges[^1]]);
        if (ClassifierLayer.FindMismatch(classifier, classes, edges[^1], answer) is string problem)
        {
            throw new OnnxException(model.Graph.Name, problem);
        }

        if (classifier.OpType == "Conv" && ImageEdges.IsMap(shapes[edges[last - 1]]))
        {
            string kind = ClassifierLayer.IsPointwise(graph, classifier)
                ? "1x1 convolution"
                : "convolution over the whole map";
            return new(
                SkipBack(graph, edges[last - 1]),
                FeatureKind.Map,
                $"a {kind} with {shapes[edges[last]][1]} outputs is the classifier"
            );
        }

        string? map = HeadWalk.MapBefore(graph, edges, last, shapes);
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

        return HeadWalk.MapBefore(graph, edges, edges.Count, shapes) is string pooled
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
            throw new OnnxException(
                edge,
                "it is not a cut point of the network; take a name from the list of its cut points"
            );
        }

        long[] shape = ShapeProbe.Measure(model, [edge], 1, inputShape)[edge];
        return shape.Length switch
        {
            4 => new(edge, FeatureKind.Map, "chosen by name"),
            2 => new(edge, FeatureKind.Vector, "chosen by name"),
            _ => throw new OnnxException(
                edge,
                $"it has {shape.Length} dimensions, and features have 4 (a map) or 2 (a vector); "
                    + "the list of cut points has the shapes"
            ),
        };
    }

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
