namespace Graft.Onnx;

/// <summary>
/// Makes the nodes after a cut independent of shapes before it (exporters write Shape → Gather → Concat → Reshape
/// chains). For a fixed input size all dimensions are constants but the batch, which the cut edge supplies.
/// </summary>
internal static class UpstreamShapes
{
    private const int FewImages = 2;
    private const int MoreImages = 3;

    /// <summary>
    /// A copy of <paramref name="model"/> whose nodes after <paramref name="cut"/> read no shape from before it.
    /// </summary>
    /// <param name="cutShape">Shape of the cut edge, without the batch dimension.</param>
    /// <exception cref="OnnxException">
    /// The first dimension of the cut is not the batch, or another required dimension changes with the batch.
    /// </exception>
    public static OnnxModel Replace(OnnxModel model, string cut, IReadOnlyList<long> inputShape, out long[] cutShape)
    {
        OnnxModel local = model.Clone();
        OnnxGraph graph = new(local);
        HashSet<NodeProto> after = Descendants(graph, cut);
        List<NodeProto> queries =
        [
            .. ShapeQueries(graph, cut)
                .Where(node =>
                    graph.ProducerOf(node.Input[0]) is null
                        ? node.Input[0] != cut
                        : !after.Contains(graph.ProducerOf(node.Input[0])!) && node.Input[0] != cut
                ),
        ];

        string[] edges = [.. queries.Select(node => node.Input[0]).Append(cut).Distinct()];
        if (queries.Count == 0)
        {
            cutShape = ShapeProbe.Measure(local, edges, 1, inputShape)[cut][1..];
            return local;
        }

        IReadOnlyDictionary<string, long[]> few = ShapeProbe.Measure(local, edges, FewImages, inputShape);
        cutShape = few[cut][1..];
        IReadOnlyDictionary<string, long[]> more = ShapeProbe.Measure(local, edges, MoreImages, inputShape);
        if (few[cut][0] != FewImages || more[cut][0] != MoreImages)
        {
            throw new OnnxException(cut, "its first dimension is not the batch; choose another cut point");
        }

        foreach (NodeProto query in queries)
        {
            ReplaceQuery(local, query, cut, few[query.Input[0]], more[query.Input[0]]);
        }

        return local;
    }

    // The Shape nodes that the output depends on, found without crossing the cut or another Shape node.
    private static IEnumerable<NodeProto> ShapeQueries(OnnxGraph graph, string cut)
    {
        HashSet<NodeProto> seen = new(ReferenceEqualityComparer.Instance);
        Stack<string> open = new(graph.Outputs.Select(o => o.Name));
        while (open.TryPop(out string? edge))
        {
            if (edge == cut || graph.ProducerOf(edge) is not NodeProto node || !seen.Add(node))
            {
                continue;
            }

            if (node.OpType == "Shape")
            {
                yield return node;
                continue;
            }

            foreach (string input in node.InputEdges())
            {
                open.Push(input);
            }
        }
    }

    private static HashSet<NodeProto> Descendants(OnnxGraph graph, string edge)
    {
        HashSet<NodeProto> found = new(ReferenceEqualityComparer.Instance);
        HashSet<string> edges = [edge];
        foreach (
            NodeProto node in graph.Nodes.Where(node => node.OpType != "Shape" && node.InputEdges().Any(edges.Contains))
        )
        {
            found.Add(node);
            edges.UnionWith(node.Output);
        }

        return found;
    }

    private static void ReplaceQuery(OnnxModel model, NodeProto query, string cut, long[] few, long[] more)
    {
        int rank = few.Length;
        int start = Index(query.GetInt("start", 0), rank);
        int end = Index(query.GetInt("end", rank), rank);
        string output = query.Output[0];
        int at = model.Graph.Node.IndexOf(query);
        model.Graph.Node.RemoveAt(at);
        long[] wanted = start < end ? few[start..end] : [];
        if (few.SequenceEqual(more) || start > 0)
        {
            Require(few.Skip(1).SequenceEqual(more.Skip(1)), cut);
            model.Graph.Initializer.Add(TensorValues.FromInt64s(output, [wanted.Length], wanted));
            return;
        }

        Require(few[0] == FewImages && more[0] == MoreImages && few.Skip(1).SequenceEqual(more.Skip(1)), cut);
        string rest = output + "/constant";
        string batch = output + "/batch";
        model.Graph.Initializer.Add(TensorValues.FromInt64s(rest, [wanted.Length - 1], wanted.AsSpan(1)));
        model.Graph.Initializer.Add(TensorValues.FromInt64s(batch + "/index", [1], [0]));
        model.Graph.Node.Insert(
            at,
            new NodeProto
            {
                OpType = "Shape",
                Input = { cut },
                Output = { batch + "/shape" },
            }
        );
        model.Graph.Node.Insert(
            at + 1,
            new NodeProto
            {
                OpType = "Gather",
                Input = { batch + "/shape", batch + "/index" },
                Output = { batch },
            }
        );
        model.Graph.Node.Insert(
            at + 2,
            new NodeProto
            {
                OpType = "Concat",
                Input = { batch, rest },
                Output = { output },
            }.WithAttribute("axis", 0)
        );
    }

    private static int Index(long value, int rank) => (int)Math.Clamp(value < 0 ? value + rank : value, 0, rank);

    private static void Require(bool holds, string cut)
    {
        if (!holds)
        {
            throw new OnnxException(
                cut,
                "nodes after it need shapes from before it that change with the batch; "
                    + "choose a cut point nearer to the input"
            );
        }
    }
}
