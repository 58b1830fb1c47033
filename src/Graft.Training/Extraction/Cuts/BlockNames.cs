using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>
/// Finds the cut before a block ("layer4", "features.17", "blocks.5.2") by the names of its nodes and weights.
/// </summary>
internal static class BlockNames
{
    private static readonly char[] s_separators = ['/', '.', ':'];

    /// <summary>The last cut point before all nodes of the block; null where no node has this name.</summary>
    /// <param name="cuts">Cut points of the body, the input first.</param>
    public static CutPoint? CutBefore(OnnxModel body, IReadOnlyList<CutPoint> cuts, string block)
    {
        string[] wanted = Words(block);
        OnnxGraph graph = new(body);
        HashSet<NodeProto> inside = Nodes(graph, wanted, isAtStart: true);
        inside = inside.Count > 0 ? inside : Nodes(graph, wanted, isAtStart: false);
        return inside.Count == 0 ? null : cuts.LastOrDefault(cut => !graph.Ancestors([cut.Edge]).Overlaps(inside));
    }

    // Exporters prefix the names of nodes ("/layer4/layer4.0/conv1/Conv") and weights ("layer4.0.conv1.weight") with
    // the module's path.
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

    // Compares whole words: "blocks.10" does not contain "blocks.1".
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
