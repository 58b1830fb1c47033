using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// Replaces calls of model-local functions by the functions' nodes (ONNX specification, "Model Local Functions"). The
/// rest of Graft then sees operators only. A function for another operator set is kept: ONNX Runtime can run it.
/// </summary>
internal sealed class FunctionInlining
{
    private const int DeepestCall = 32;

    // Exporters use '/' and '.' in names, never this: internal names cannot clash with names outside.
    private const string Separator = "::";

    // Every call copies the attributes: a 1 kB function, called 8 times at each of 8 levels, would take 16 GB.
    private const long CopiedBytes = 256 << 20;

    private readonly OnnxModel _model;
    private readonly string _name;
    private readonly OnnxLimits _limits;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly Dictionary<FunctionProto, long> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _taken = [];
    private long _nodes;
    private long _copied;

    private FunctionInlining(OnnxModel model, string name, OnnxLimits limits)
    {
        (_model, _name, _limits) = (model, name, limits);
        foreach (FunctionProto function in model.Proto.Functions.Where(HasTheModelsOperators))
        {
            _functions.TryAdd((function.Domain, function.Name, function.Overload), function);
            _sizes[function] = function.CalculateSize();
        }

        _nodes = model.Graph.Node.Count;
    }

    /// <summary>Inlines all functions of a model in place.</summary>
    /// <exception cref="OnnxException">A function calls itself, or the graph would exceed the limits.</exception>
    public static void Run(OnnxModel model, string name, OnnxLimits limits)
    {
        if (model.Proto.Functions.Count == 0)
        {
            return;
        }

        FunctionInlining inlining = new(model, name, limits);
        inlining.InGraph(model.Graph, 0);
        foreach (FunctionProto function in inlining._functions.Values)
        {
            model.Proto.Functions.Remove(function);
        }
    }

    private bool HasTheModelsOperators(FunctionProto function)
    {
        foreach (OperatorSetIdProto set in function.OpsetImport)
        {
            OperatorSetIdProto? there = _model.Proto.OpsetImport.FirstOrDefault(own =>
                Plain(own.Domain) == Plain(set.Domain)
            );
            if (there is null)
            {
                _model.Proto.OpsetImport.Add(set.Clone());
            }
            else if (there.Version != set.Version && function.Node.Any(node => Plain(node.Domain) == Plain(set.Domain)))
            {
                return false;
            }
        }

        return true;
    }

    private static string Plain(string domain) => domain == "ai.onnx" ? "" : domain;

    private void InGraph(GraphProto graph, int depth)
    {
        if (!graph.Node.Any(Calls))
        {
            return;
        }

        NodeProto[] nodes = [.. Expand(graph.Node, depth)];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
    }

    // Whether the node, or a node nested in its If, Loop or Scan, calls a function.
    private bool Calls(NodeProto node) =>
        FunctionOf(node) is not null || Subgraphs(node).Any(graph => graph.Node.Any(Calls));

    private FunctionProto? FunctionOf(NodeProto node) =>
        _functions.GetValueOrDefault((node.Domain, node.OpType, node.Overload));

    private static IEnumerable<GraphProto> Subgraphs(NodeProto node) =>
        node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Append(a.G));

    private List<NodeProto> Expand(IEnumerable<NodeProto> nodes, int depth)
    {
        List<NodeProto> expanded = [];
        foreach (NodeProto node in nodes)
        {
            if (FunctionOf(node) is FunctionProto function)
            {
                Count(function, node, depth);
                expanded.AddRange(Expand(FunctionCall.NodesOf(function, node, PrefixFor(node)), depth + 1));
                continue;
            }

            foreach (GraphProto graph in Subgraphs(node))
            {
                InGraph(graph, depth);
            }

            expanded.Add(node);
        }

        return expanded;
    }

    private void Count(FunctionProto function, NodeProto call, int depth)
    {
        _nodes += function.Node.Count;
        _copied += _sizes[function];
        if (depth >= DeepestCall)
        {
            throw new OnnxException(
                _name,
                $"its function '{Printable.Text(call.OpType)}' is called {DeepestCall} calls deep, or calls itself; "
                    + "export the network without functions"
            );
        }

        if (
            _nodes > _limits.Nodes
            || (_copied > CopiedBytes && _copied > 2 * _model.Proto.Functions.Sum(f => _sizes.GetValueOrDefault(f)))
        )
        {
            throw new OnnxException(
                _name,
                $"its function '{Printable.Text(call.OpType)}' makes it larger than {_limits.Nodes:N0} nodes "
                    + $"or {CopiedBytes >> 20} MB; export the network without functions"
            );
        }
    }

    private string PrefixFor(NodeProto call)
    {
        string start = call.Name.Length > 0 ? call.Name : call.Output.FirstOrDefault(o => o.Length > 0) ?? call.OpType;
        string prefix = start;
        for (int i = 2; !_taken.Add(prefix + Separator); i++)
        {
            prefix = $"{start}#{i}";
        }

        return prefix + Separator;
    }
}
