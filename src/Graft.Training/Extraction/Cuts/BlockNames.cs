using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>
/// Finds the cut in front of a block that the user names ("layer4", "features.17", "blocks.5.2"), as its nodes and
/// weights are called.
/// </summary>
internal static class BlockNames
{
    private static readonly char[] s_separators = ['/', '.', ':'];

    /// <summary>The last cut point before every node of the block; null where no node is called so.</summary>
    /// <param name="cuts">Of the body, input first.</param>
    public static CutPoint? CutBefore(OnnxModel body, IReadOnlyList<CutPoint> cuts, string block)
    {
        string[] wanted = Words(block);
        OnnxGraph graph = new(body);
        HashSet<NodeProto> inside = Nodes(graph, wanted, isAtStart: true);
        inside = inside.Count > 0 ? inside : Nodes(graph, wanted, isAtStart: false);
        return inside.Count == 0 ? null : cuts.LastOrDefault(cut => !graph.Ancestors([cut.Edge]).Overlaps(inside));
    }

    // Exporters put a module's path before its nodes ("/layer4/layer4.0/conv1/Conv") and its weights
    // ("layer4.0.conv1.weight").
    private static HashSet<NodeProto> Nodes(OnnxGraph graph, string[] wanted, bool isAtStart)
    {
        IEnumerable<NodeProto> nodes = graph.Nodes.Where(node =>
            node.Input.Where(graph.Weights.ContainsKey)
                .Concat(node.Output)
                .Append(node.Name)
                .Any(name => Holds(Words(name), wanted, isAtStart))
        );
        return new(nodes, ReferenceEqualityComparer.Instance);
    }

    private static string[] Words(string name) => name.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);

    // Whole words: "blocks.1" is not in "blocks.10".
    private static bool Holds(string[] name, string[] wanted, bool isAtStart)
    {
        int last = isAtStart ? Math.Min(0, name.Length - wanted.Length) : name.Length - wanted.Length;
        for (int start = 0; start <= last && wanted.Length > 0; start++)
        {
            if (name.AsSpan(start, wanted.Length).SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }
}
