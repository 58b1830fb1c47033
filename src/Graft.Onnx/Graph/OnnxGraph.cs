using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// An index over a finished graph: producers and consumers of edges, weights by name, nodes in topological order.
/// </summary>
/// <remarks>Do not change the model while the index is in use.</remarks>
public sealed class OnnxGraph
{
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    private readonly HashSet<string> _constants;

    /// <summary>Indexes the graph of a model.</summary>
    /// <param name="model">The model; kept, not copied.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <exception cref="OnnxException">The graph has a cycle.</exception>
    public OnnxGraph(OnnxModel model, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(model);
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

    /// <summary>The indexed model.</summary>
    public OnnxModel Model { get; }

    /// <summary>The nodes in topological order; ties keep the order of the file.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The weights (ONNX initializers) by name.</summary>
    public IReadOnlyDictionary<string, TensorProto> Weights { get; }

    /// <summary>The inputs that a caller must supply, without the weights that old files list among them.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>The outputs of the graph, in the order of the file.</summary>
    public IReadOnlyList<ValueInfoProto> Outputs => Model.Graph.Output;

    /// <summary>The node that makes an edge; null for inputs, weights and unknown edges.</summary>
    /// <param name="edge">Name of the edge.</param>
    public NodeProto? ProducerOf(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return _producers.GetValueOrDefault(edge);
    }

    /// <summary>The nodes that read an edge, in the order of the file.</summary>
    /// <param name="edge">Name of the edge.</param>
    public IReadOnlyList<NodeProto> ConsumersOf(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return _consumers.TryGetValue(edge, out List<NodeProto>? readers) ? readers : [];
    }

    /// <summary>
    /// Whether an edge depends on weights and constants only: a weight, a Constant node, the Transpose of a weight.
    /// </summary>
    /// <param name="edge">Name of the edge.</param>
    public bool IsConstant(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return _constants.Contains(edge);
    }

    /// <summary>Number of float values in all weights.</summary>
    public long ParameterCount =>
        Weights.Values.Where(TensorValues.IsFloat).Sum(t => TensorValues.ElementCount(t, t.Name));

    /// <summary>The nodes that <paramref name="edges"/> depend on, directly or through other nodes.</summary>
    /// <param name="edges">Names of the edges.</param>
    /// <param name="stopAt">An edge beyond which no node is collected; null for none.</param>
    public IReadOnlySet<NodeProto> Ancestors(IReadOnlyList<string> edges, string? stopAt = null)
    {
        ArgumentNullException.ThrowIfNull(edges);
        HashSet<NodeProto> found = new(ReferenceEqualityComparer.Instance);
        Stack<string> open = new(edges);
        while (open.TryPop(out string? edge))
        {
            if (edge != stopAt && ProducerOf(edge) is NodeProto producer && found.Add(producer))
            {
                foreach (string input in producer.InputEdges())
                {
                    open.Push(input);
                }
            }
        }

        return found;
    }

    // Kahn's algorithm with the order of the file as tie-break; nearly all files are sorted already.
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
            string label = Printable.Text(stuck.Name.Length > 0 ? stuck.Name : stuck.OpType);
            throw new OnnxException(name, $"the node '{label}' depends on itself (a cycle); the file is damaged");
        }

        return sorted;
    }
}
