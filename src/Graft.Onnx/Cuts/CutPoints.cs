namespace Graft.Onnx;

/// <summary>An edge that alone carries all data past it.</summary>
/// <param name="Edge">The edge's name in the graph.</param>
/// <param name="Operator">The operator that makes it; "input" for the network's input.</param>
/// <param name="Shape">Of one image: without the batch dimension.</param>
/// <param name="ParametersBefore">Float values in the weights of the nodes up to it.</param>
/// <param name="MultiplyAddsBefore">Of convolutions and matrix products up to it, for one image.</param>
internal sealed record CutPoint(
    string Edge,
    string Operator,
    IReadOnlyList<long> Shape,
    long ParametersBefore,
    long ParametersAfter,
    long MultiplyAddsBefore,
    long MultiplyAddsAfter
)
{
    /// <summary>Values of one image's activation.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, d) => product * d);

    /// <summary>The part of the network's multiply-adds that lies after the cut, 0..1.</summary>
    public double ShareAfter =>
        MultiplyAddsAfter == 0 ? 0 : (double)MultiplyAddsAfter / (MultiplyAddsBefore + MultiplyAddsAfter);
}

/// <summary>Finds the cut points of a network: the dominators of its output, input first.</summary>
internal static class CutPoints
{
    /// <summary>
    /// ONNX Runtime's own saved optimisations: their tensors have channels in blocks of 8 or 16 under a shape that does
    /// not say so.
    /// </summary>
    public const string BlockedDomain = "com.microsoft.nchwc";

    /// <param name="inputShape">3 x H x W.</param>
    public static IReadOnlyList<CutPoint> Find(OnnxModel model, IReadOnlyList<long> inputShape)
    {
        OnnxGraph graph = new(model);
        IReadOnlySet<string> content = ImageEdges.Find(graph);
        List<string> edges = Dominators(graph, content);
        HashSet<string> others = [];
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            model,
            [.. edges, .. ComputeCost.RequiredEdges(graph)],
            1,
            inputShape,
            others
        );
        edges.RemoveAll(others.Contains); // bytes of a quantised network, integers: nothing to train from

        HashSet<string> counted = [];
        Dictionary<string, (long Parameters, long MultiplyAdds)> before = new() { [graph.Inputs[0].Name] = (0, 0) };
        (long parameters, long multiplyAdds) = (0, 0);
        HashSet<string> wanted = [.. edges];
        foreach (NodeProto node in graph.Nodes)
        {
            parameters += node.InputEdges().Where(counted.Add).Sum(edge => ParametersOf(graph, edge));
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

    // Float values of a weight, or of a node that stands for one: old exporters write ConstantOfShape.
    private static long ParametersOf(OnnxGraph graph, string edge)
    {
        if (graph.Weights.TryGetValue(edge, out TensorProto? weight))
        {
            return TensorValues.IsFloat(weight) ? TensorValues.ElementCount(weight, edge) : 0;
        }

        bool isMade =
            graph.ProducerOf(edge) is { OpType: "ConstantOfShape", Input.Count: > 0 } maker
            && graph.Weights.TryGetValue(maker.Input[0], out weight)
            && (maker.FindAttribute("value")?.T is not TensorProto value || TensorValues.IsFloat(value));
        return isMade ? TensorValues.ToInt64s(weight!).Aggregate(1L, (product, d) => checked(product * d)) : 0;
    }

    /// <summary>
    /// The edges that alone are alive after the node that makes them: in any topological order these are the dominators
    /// of the output,
    /// because an edge made earlier and read later would be a way around.
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
