namespace Graft.Onnx;

/// <summary>
/// Head surgery: edits that give a new model and leave the old one as it was. The bytes of the weights are shared.
/// </summary>
internal static class Subgraph
{
    /// <summary>
    /// The part of <paramref name="model"/> that computes <paramref name="edge"/>, with that edge as its only output.
    /// </summary>
    /// <exception cref="OnnxException">There is no such edge.</exception>
    public static OnnxModel Prefix(OnnxModel model, string edge) => Prefix(model, [edge]);

    /// <summary>
    /// The part of <paramref name="model"/> that computes <paramref name="edges"/>: several cuts filled in one pass.
    /// </summary>
    public static OnnxModel Prefix(OnnxModel model, IReadOnlyList<string> edges)
    {
        OnnxGraph graph = new(model);
        foreach (string edge in edges)
        {
            RequireEdge(graph, edge);
        }

        OnnxModel prefix = CopyWith(model, Ancestors(graph, edges, stopAt: null));
        prefix.Graph.Output.Clear();
        prefix.Graph.Output.AddRange(edges.Select(edge => new ValueInfoProto { Name = edge }));
        return prefix;
    }

    /// <summary>
    /// The part of <paramref name="model"/> after <paramref name="edge"/>, with that edge as its only input.
    /// </summary>
    /// <param name="inputShape">Of the whole network, without the batch: 3 x H x W.</param>
    /// <exception cref="OnnxException">There is no such edge, or data goes around it: it is not a cut
    /// point.</exception>
    public static OnnxModel Tail(OnnxModel model, string edge, IReadOnlyList<long> inputShape)
    {
        RequireEdge(new OnnxGraph(model), edge);
        OnnxModel local = UpstreamShapes.Replace(model, edge, inputShape, out long[] edgeShape);
        OnnxGraph graph = new(local);
        HashSet<NodeProto> nodes = Ancestors(graph, [.. graph.Outputs.Select(o => o.Name)], stopAt: edge);
        NodeProto? around = nodes.FirstOrDefault(node =>
            node.InputEdges().Any(input => input != edge && graph.Inputs.Any(i => i.Name == input))
        );
        if (around is not null && edge != graph.Inputs[0].Name)
        {
            throw new OnnxException(
                edge,
                "it is not a cut point, data goes around it; `graft cuts` lists those that are"
            );
        }

        OnnxModel tail = CopyWith(local, nodes);
        tail.Graph.Input.Clear();
        tail.Graph.Input.Add(DeclareFloat(edge, edgeShape));
        return tail;
    }

    /// <summary>A float32 edge with a free batch dimension N.</summary>
    /// <param name="shape">Without the batch dimension.</param>
    public static ValueInfoProto DeclareFloat(string edge, IEnumerable<long> shape)
    {
        ValueInfoProto value = DeclareFixedFloat(edge, shape);
        value.Type.TensorType.Shape.Dim.Insert(0, new TensorShapeProto.Types.Dimension { DimParam = "N" });
        return value;
    }

    /// <summary>A float32 edge without a free dimension.</summary>
    public static ValueInfoProto DeclareFixedFloat(string edge, IEnumerable<long> shape)
    {
        TensorShapeProto dimensions = new();
        dimensions.Dim.AddRange(shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = edge,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)TensorProto.Types.DataType.Float,
                    Shape = dimensions,
                },
            },
        };
    }

    /// <summary>The nodes that <paramref name="edges"/> need, not going past <paramref name="stopAt"/>.</summary>
    internal static HashSet<NodeProto> Ancestors(OnnxGraph graph, IReadOnlyList<string> edges, string? stopAt)
    {
        HashSet<NodeProto> found = new(ReferenceEqualityComparer.Instance);
        Stack<string> open = new(edges);
        while (open.TryPop(out string? edge))
        {
            if (edge != stopAt && graph.ProducerOf(edge) is NodeProto producer && found.Add(producer))
            {
                foreach (string input in producer.InputEdges())
                {
                    open.Push(input);
                }
            }
        }

        return found;
    }

    // A new model with some of the nodes, in the old order, and the weights that they read.
    private static OnnxModel CopyWith(OnnxModel model, HashSet<NodeProto> nodes)
    {
        OnnxModel kept = model.CloneWithoutGraph();
        HashSet<string> read = [.. nodes.SelectMany(node => node.InputEdges())];
        kept.Graph.Node.AddRange(model.Graph.Node.Where(nodes.Contains).Select(node => node.Clone()));
        kept.Graph.Initializer.AddRange(
            model.Graph.Initializer.Where(w => read.Contains(w.Name) || model.Graph.Output.Any(o => o.Name == w.Name))
        );
        HashSet<string> weights = [.. model.Graph.Initializer.Select(w => w.Name)];
        kept.Graph.Input.AddRange(model.Graph.Input.Where(i => !weights.Contains(i.Name)).Select(i => i.Clone()));
        kept.Graph.Output.AddRange(model.Graph.Output.Select(o => o.Clone()));
        return kept;
    }

    private static void RequireEdge(OnnxGraph graph, string edge)
    {
        bool isThere = graph.ProducerOf(edge) is not null || graph.Inputs.Any(i => i.Name == edge);
        if (!isThere)
        {
            throw new OnnxException(edge, "the network has no such edge; `graft cuts` lists the cut points");
        }
    }
}
