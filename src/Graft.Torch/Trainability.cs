using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Torch;

/// <summary>A node that keeps everything before it from being trained.</summary>
/// <param name="Node">Its name and operator.</param>
/// <param name="Reason">Why TorchSharp cannot run it.</param>
internal sealed record UntrainableNode(string Node, string Operator, string Reason);

/// <summary>
/// Tells from which cut on a network can be trained: its prefix may hold any operator, its tail those that
/// <see cref="OperatorTable"/> knows.
/// </summary>
internal sealed class Trainability
{
    private readonly OnnxGraph _graph;
    private readonly Dictionary<NodeProto, UntrainableNode> _untrainable = new(ReferenceEqualityComparer.Instance);

    public Trainability(OnnxModel model)
    {
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

    /// <summary>All nodes that cannot be trained, in the graph's order.</summary>
    public IEnumerable<UntrainableNode> UntrainableNodes =>
        _graph.Nodes.Where(_untrainable.ContainsKey).Select(node => _untrainable[node]);

    /// <summary>The first node after a cut that cannot be trained; null where the whole tail can be.</summary>
    public UntrainableNode? FirstUntrainableAfter(string edge)
    {
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

    /// <summary>The first of the cuts, from an edge on, whose tail can be trained; null where none can.</summary>
    /// <param name="cuts">Input first.</param>
    public CutPoint? FirstTrainableCut(IReadOnlyList<CutPoint> cuts, string edge) =>
        cuts.SkipWhile(cut => cut.Edge != edge).FirstOrDefault(cut => FirstUntrainableAfter(cut.Edge) is null);

    /// <summary>The message for a cut that the user named.</summary>
    public static GraftException Refuse(string edge, UntrainableNode node, CutPoint? nearest) =>
        new(
            $"'{Printable.Text(edge)}' cannot be trained from: its node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}', {node.Reason}; "
                + (
                    nearest is null
                        ? "no later cut works either: train the head alone (--train 0)"
                        : $"the nearest cut that works is '{Printable.Text(nearest.Edge)}' (--train {Printable.Text(nearest.Edge)})"
                )
        );

    // What GraphEdit.Tail keeps: the questions for shapes from before the cut are answered by constants.
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

            foreach (string input in node.Reads())
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
