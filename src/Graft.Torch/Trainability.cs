using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Torch;

/// <summary>A node through which no gradient flows, so that nothing before it can be trained.</summary>
/// <param name="Node">Name of the node, or of its first output.</param>
/// <param name="Operator">ONNX name of the node's operator.</param>
/// <param name="Reason">Reason, as the end of a sentence: "which Graft cannot train …".</param>
public sealed record UntrainableNode(string Node, string Operator, string Reason);

/// <summary>
/// Tells from which cut on a network can be trained. The part before a cut may contain any operator, the part after it
/// only operators of <see cref="TorchGraph"/>.
/// </summary>
public sealed class Trainability
{
    private readonly OnnxGraph _graph;
    private readonly Dictionary<NodeProto, UntrainableNode> _untrainable = new(ReferenceEqualityComparer.Instance);

    /// <summary>Checks every node of a network.</summary>
    /// <param name="model">The network.</param>
    public Trainability(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _graph = new OnnxGraph(model);
        TorchGraphOptions options = new();
        foreach (NodeProto node in _graph.Nodes)
        {
            if (Problem(node, model.Opset, options) is string reason)
            {
                _untrainable[node] = new(
                    node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "",
                    node.OpType,
                    reason
                );
            }
        }
    }

    /// <summary>All nodes through which no gradient flows, in the graph's order.</summary>
    public IEnumerable<UntrainableNode> UntrainableNodes =>
        _graph.Nodes.Where(_untrainable.ContainsKey).Select(node => _untrainable[node]);

    /// <summary>Returns the first such node after a cut, or null if everything after it can be trained.</summary>
    /// <param name="edge">Name of the edge at the cut.</param>
    public UntrainableNode? FirstUntrainableAfter(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        if (_untrainable.Count == 0)
        {
            return null;
        }

        HashSet<NodeProto> tail = Tail(edge);
        return _graph
            .Nodes.Where(node => tail.Contains(node) && _untrainable.ContainsKey(node))
            .Select(node => _untrainable[node])
            .FirstOrDefault();
    }

    /// <summary>Returns the first cut from which everything can be trained, or null if there is none.</summary>
    /// <param name="cuts">The cuts of the network, from the input to the output.</param>
    /// <param name="edge">Edge of the first cut to consider.</param>
    public CutPoint? FirstTrainableCut(IReadOnlyList<CutPoint> cuts, string edge)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        ArgumentNullException.ThrowIfNull(edge);
        return cuts.SkipWhile(cut => cut.Edge != edge).FirstOrDefault(cut => FirstUntrainableAfter(cut.Edge) is null);
    }

    /// <summary>Makes the exception for a cut that cannot be trained from.</summary>
    /// <param name="edge">Edge at the cut.</param>
    /// <param name="node">The node in the way.</param>
    /// <param name="nearest">The nearest cut that can be trained from; null if there is none.</param>
    public static GraftException Refuse(string edge, UntrainableNode node, CutPoint? nearest)
    {
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(node);
        return new(
            $"'{Printable.Text(edge)}' cannot be trained from: "
                + $"its node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}', "
                + $"{node.Reason}; "
                + (
                    nearest is null
                        ? "no later cut works either: train the head alone"
                        : $"the nearest cut that works is '{Printable.Text(nearest.Edge)}'"
                )
        );
    }

    // The nodes after the cut. Shape nodes end the search, because a cut replaces them by constants.
    private HashSet<NodeProto> Tail(string cut)
    {
        HashSet<NodeProto> found = new(ReferenceEqualityComparer.Instance);
        Stack<string> open = new(_graph.Outputs.Select(o => o.Name));
        while (open.TryPop(out string? edge))
        {
            if (
                edge == cut
                || _graph.ProducerOf(edge) is not NodeProto node
                || !found.Add(node)
                || node.OpType == "Shape"
            )
            {
                continue;
            }

            foreach (string input in node.InputEdges())
            {
                open.Push(input);
            }
        }

        return found;
    }

    private static string? Problem(NodeProto node, int opset, TorchGraphOptions options)
    {
        if (
            node.Domain is not ("" or "ai.onnx")
            || !OperatorTable.Default.TryFind(node.OpType, out Func<NodeContext, Kernel> make)
        )
        {
            return "which Graft cannot train (docs/operators.md)";
        }

        try
        {
            make(new NodeContext(node, opset, options));
            return null;
        }
        catch (Exception error) when (error is OnnxException || TorchErrors.IsGraphError(error))
        {
            return $"whose form Graft cannot train ({Printable.Text(error.Message.ReplaceLineEndings(" "))})";
        }
    }
}
