namespace Graft.Onnx;

/// <summary>Finds the edges where a network can be cut in two.</summary>
public static class CutPoints
{
    /// <summary>
    /// The operators that ONNX Runtime saves for its own channel order: blocks of 8 or 16, which shapes do not show.
    /// </summary>
    internal const string BlockedDomain = "com.microsoft.nchwc";

    /// <summary>The cut points of a network, from its input to its output: the dominators of the output.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputShape">Shape of the input without the batch dimension, such as 3 x H x W.</param>
    /// <exception cref="OnnxException">ONNX Runtime cannot run the network.</exception>
    public static IReadOnlyList<CutPoint> Find(OnnxModel model, IReadOnlyList<long> inputShape)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputShape);
        OnnxGraph graph = new(model);
        List<string> edges = Dominators(graph, ImageEdges.Find(graph));
        HashSet<string> nonFloatEdges = [];
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            model,
            [.. edges, .. ComputeCost.RequiredEdges(graph)],
            1,
            inputShape,
            nonFloatEdges
        );
        edges.RemoveAll(nonFloatEdges.Contains); // bytes and integers carry no gradients

        HashSet<string> counted = [];
        Dictionary<string, (long Parameters, long MultiplyAdds)> before = new() { [graph.Inputs[0].Name] = (0, 0) };
        (long parameters, long multiplyAdds) = (0, 0);
        HashSet<string> wanted = [.. edges];
        foreach (NodeProto node in graph.Nodes)
        {
            parameters += node.InputEdges().Where(counted.Add).Sum(edge => ParameterCount.Of(graph, edge));
            multiplyAdds += ComputeCost.MultiplyAdds(graph, node, shapes);
            foreach (string output in node.Output.Where(wanted.Contains))
            {
                before[output] = (parameters, multiplyAdds);
            }
        }

        return
        [
            .. edges.Select(edge => new CutPoint(
                edge,
                graph.ProducerOf(edge)?.OpType ?? "input",
                shapes[edge][1..],
                before[edge].Parameters,
                parameters - before[edge].Parameters,
                before[edge].MultiplyAdds,
                multiplyAdds - before[edge].MultiplyAdds
            )),
        ];
    }

    /// <summary>
    /// The dominators of the output. In any topological order these are the edges that alone are alive after the node
    /// that makes them: an edge made earlier and read later would bypass the cut.
    /// </summary>
    internal static List<string> Dominators(OnnxGraph graph, IReadOnlySet<string> content)
    {
        string output = graph.Outputs[0].Name;
        NodeProto[] nodes = [.. graph.Nodes.Where(node => node.Output.Any(content.Contains))];
        HashSet<NodeProto> relevant = new(nodes, ReferenceEqualityComparer.Instance);
        Dictionary<string, int> readers = content.ToDictionary(
            edge => edge,
            edge => graph.ConsumersOf(edge).Count(relevant.Contains) + (edge == output ? 1 : 0)
        );
        HashSet<string> alive = [graph.Inputs[0].Name];
        List<string> dominators = [graph.Inputs[0].Name];
        foreach (NodeProto node in nodes)
        {
            foreach (string input in node.InputEdges().Where(content.Contains))
            {
                if (--readers[input] == 0)
                {
                    alive.Remove(input);
                }
            }

            alive.UnionWith(node.Output.Where(o => content.Contains(o) && readers[o] > 0));
            if (alive.Count == 1 && (node.Domain != BlockedDomain || node.OpType == "ReorderOutput"))
            {
                dominators.Add(alive.First());
            }
        }

        return [.. dominators.Distinct()];
    }
}
