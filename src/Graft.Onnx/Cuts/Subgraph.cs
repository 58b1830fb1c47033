namespace Graft.Onnx;

/// <summary>
/// Cuts a network into parts. Each part is a new model that shares the bytes of the weights with the old one.
/// </summary>
public static class Subgraph
{
    /// <summary>
    /// The part of <paramref name="model"/> that computes <paramref name="edge"/>, with that edge as its only output.
    /// </summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="edge">Name of the edge.</param>
    /// <exception cref="OnnxException">The network has no such edge.</exception>
    public static OnnxModel Prefix(OnnxModel model, string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return Prefix(model, [edge]);
    }

    /// <summary>
    /// The part of <paramref name="model"/> that computes <paramref name="edges"/>, with these edges as outputs.
    /// </summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="edges">Names of the edges, in the order of the outputs.</param>
    /// <exception cref="OnnxException">The network has no such edge.</exception>
    public static OnnxModel Prefix(OnnxModel model, IReadOnlyList<string> edges)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(edges);
        OnnxGraph graph = new(model);
        foreach (string edge in edges)
        {
            RequireEdge(graph, edge);
        }

        OnnxModel prefix = CopyWith(model, graph.Ancestors(edges));
        prefix.Graph.Output.Clear();
        prefix.Graph.Output.AddRange(edges.Select(edge => new ValueInfoProto { Name = edge }));
        return prefix;
    }

    /// <summary>
    /// The part of <paramref name="model"/> after <paramref name="edge"/>, with that edge as its only input.
    /// </summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="edge">Name of a cut point.</param>
    /// <param name="inputShape">Shape of the whole network's input without the batch dimension: 3 x H x W.</param>
    /// <exception cref="OnnxException">The network has no such edge, or the edge is not a cut point.</exception>
    public static OnnxModel Tail(OnnxModel model, string edge, IReadOnlyList<long> inputShape)
    {
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputShape);
        RequireEdge(new OnnxGraph(model), edge);
        OnnxModel local = UpstreamShapes.Replace(model, edge, inputShape, out long[] edgeShape);
        OnnxGraph graph = new(local);
        IReadOnlySet<NodeProto> nodes = graph.Ancestors([.. graph.Outputs.Select(o => o.Name)], stopAt: edge);
        NodeProto? bypass = nodes.FirstOrDefault(node =>
            node.InputEdges().Any(input => input != edge && graph.Inputs.Any(i => i.Name == input))
        );
        if (bypass is not null && edge != graph.Inputs[0].Name)
        {
            throw new OnnxException(
                edge,
                "it is not a cut point: data bypasses it; take a name from the list of cut points"
            );
        }

        OnnxModel tail = CopyWith(local, nodes);
        tail.Graph.Input.Clear();
        tail.Graph.Input.Add(EdgeDeclaration.Create(edge, edgeShape));
        return tail;
    }

    // Copies some of the nodes, in the old order, and the weights that they read.
    private static OnnxModel CopyWith(OnnxModel model, IReadOnlySet<NodeProto> nodes)
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
            throw new OnnxException(edge, "the network has no such edge; take a name from the list of its cut points");
        }
    }
}
