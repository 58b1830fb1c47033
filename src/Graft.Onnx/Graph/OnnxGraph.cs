using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// An index over a finished graph: who makes and who reads each edge, weights by name, nodes in topological order.
/// </summary>
/// <remarks>Made from a model that is not changed while the index is in use.</remarks>
internal sealed class OnnxGraph
{
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    private readonly HashSet<string> _constants;

    /// <param name="name">What error messages call the model.</param>
    /// <exception cref="OnnxException">The graph has a cycle.</exception>
    public OnnxGraph(OnnxModel model, string name = "model")
    {
        Model = model;
        Weights = model.Graph.Initializer.ToDictionary(t => t.Name);
        Inputs = [.. model.Graph.Input.Where(i => !Weights.ContainsKey(i.Name))]; // IR 3 lists weights as inputs too
        foreach (NodeProto node in model.Graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                _producers[output] = node;
            }

            foreach (string input in node.InputEdges())
            {
                if (!_consumers.TryGetValue(input, out List<NodeProto>? readers))
                {
                    _consumers[input] = readers = [];
                }

                readers.Add(node);
            }
        }

        Nodes = Sort(name);
        _constants = [.. Weights.Keys];
        foreach (NodeProto node in Nodes.Where(node => node.InputEdges().All(_constants.Contains)))
        {
            _constants.UnionWith(node.Output);
        }
    }

    public OnnxModel Model { get; }

    /// <summary>Every node after those whose outputs it reads; ties in the file's order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>Initialisers by name.</summary>
    public IReadOnlyDictionary<string, TensorProto> Weights { get; }

    /// <summary>The inputs that a caller must give: those that are not initialisers.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    public IReadOnlyList<ValueInfoProto> Outputs => Model.Graph.Output;

    /// <summary>The node that makes <paramref name="edge"/>; null for inputs and weights.</summary>
    public NodeProto? ProducerOf(string edge) => _producers.GetValueOrDefault(edge);

    /// <summary>The nodes that read <paramref name="edge"/>, in the file's order.</summary>
    public IReadOnlyList<NodeProto> ConsumersOf(string edge) =>
        _consumers.TryGetValue(edge, out List<NodeProto>? readers) ? readers : [];

    /// <summary>
    /// True for weights and for edges that follow from weights alone (Constant, ConstantOfShape, Transpose of a weight
    /// …).
    /// </summary>
    public bool IsConstant(string edge) => _constants.Contains(edge);

    /// <summary>The number of float values in all initialisers.</summary>
    public long ParameterCount =>
        Weights.Values.Where(TensorValues.IsFloat).Sum(t => TensorValues.ElementCount(t, t.Name));

    // Kahn's algorithm with the file's order as tie-break; files are nearly always sorted already.
    private List<NodeProto> Sort(string name)
    {
        Dictionary<NodeProto, int> position = new(ReferenceEqualityComparer.Instance);
        Dictionary<NodeProto, int> waiting = new(ReferenceEqualityComparer.Instance);
        PriorityQueue<NodeProto, int> ready = new();
        foreach (NodeProto node in Model.Graph.Node)
        {
            position[node] = position.Count;
            int missing = node.InputEdges().Count(_producers.ContainsKey);
            waiting[node] = missing;
            if (missing == 0)
            {
                ready.Enqueue(node, position[node]);
            }
        }

        List<NodeProto> sorted = new(position.Count);
        while (ready.TryDequeue(out NodeProto? node, out _))
        {
            sorted.Add(node);
            foreach (NodeProto reader in node.Output.Where(o => o.Length > 0).SelectMany(ConsumersOf))
            {
                if (--waiting[reader] == 0)
                {
                    ready.Enqueue(reader, position[reader]);
                }
            }
        }

        if (sorted.Count < position.Count)
        {
            NodeProto stuck = position.Keys.First(node => waiting[node] > 0);
            throw new OnnxException(
                name,
                $"the node '{Printable.Text(stuck.Name.Length > 0 ? stuck.Name : stuck.OpType)}' waits for itself (a cycle); the file is damaged"
            );
        }

        return sorted;
    }
}
