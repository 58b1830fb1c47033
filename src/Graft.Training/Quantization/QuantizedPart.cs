using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>
/// The nodes of a network that compute in bytes: its convolutions but the last layer, and what lies between them. The
/// rest stays in float32.
/// </summary>
internal sealed class QuantizedPart
{
    // Their result has the values of their input, and so its levels.
    private static readonly HashSet<string> s_moving = ["MaxPool", "Transpose", "Reshape", "Flatten", "Squeeze"];

    // ONNX Runtime computes these in bytes besides convolutions, with levels of their own.
    private static readonly HashSet<string> s_computing =
    [
        "Add",
        "Mul",
        "Concat",
        "AveragePool",
        "GlobalAveragePool",
        "Sigmoid",
        "LeakyRelu",
    ];

    // In the order of the network.
    private readonly Dictionary<NodeProto, Convolution> _convolutions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, NodeProto> _clamps = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, string> _results = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, string> _sources = [];
    private readonly OnnxGraph _graph;

    /// <summary>Finds the part.</summary>
    /// <param name="graph">The network, its batch-norms folded.</param>
    /// <param name="hasLastLayer">Whether the network ends with a classifier, whose last layer stays in
    /// float32.</param>
    public QuantizedPart(OnnxGraph graph, bool hasLastLayer)
    {
        _graph = graph;
        HasLastLayer = hasLastLayer;
        NodeProto? last = hasLastLayer ? LastLayer(graph) : null;
        foreach (NodeProto node in graph.Nodes.Where(node => node != last))
        {
            if (Convolution.Of(graph, node) is Convolution convolution)
            {
                _convolutions.Add(node, convolution);
            }
        }

        IReadOnlySet<NodeProto> before = graph.Ancestors([.. _convolutions.Keys.Select(node => node.Input[0])]);
        foreach (NodeProto node in graph.Nodes)
        {
            Add(node, before.Contains(node));
        }
    }

    /// <summary>Whether the network ends with a classifier, whose last layer stays in float32.</summary>
    public bool HasLastLayer { get; }

    /// <summary>The convolutions by their nodes, in the order of the network.</summary>
    public IReadOnlyDictionary<NodeProto, Convolution> Convolutions => _convolutions;

    /// <summary>
    /// The edges whose values are rounded, except those that have the levels of another: results first, then what comes
    /// from nodes in float32.
    /// </summary>
    public IReadOnlyList<string> Edges =>
        [
            .. _results
                .Values.Concat(_results.Keys.SelectMany(InputsOf))
                .Where(edge => LevelsOf(edge) == edge)
                .Distinct(),
        ];

    /// <summary>Whether a node computes in bytes.</summary>
    public bool Contains(NodeProto node) => _results.ContainsKey(node);

    /// <summary>
    /// Whether a node only limits the values of the node before it: the levels of its result do the same.
    /// </summary>
    public bool IsAbsorbed(NodeProto node) => _clamps.ContainsValue(node);

    /// <summary>The edge of a node's rounded result, behind the node that it absorbs.</summary>
    public string ResultOf(NodeProto node) => _results[node];

    /// <summary>Whether an edge is the rounded result of a node in bytes.</summary>
    public bool IsResult(string edge) => _results.ContainsValue(edge);

    /// <summary>The edge whose levels an edge has: itself, or what a node that only moves values reads.</summary>
    public string LevelsOf(string edge) => _sources.TryGetValue(edge, out string? source) ? LevelsOf(source) : edge;

    /// <summary>The edges of values that a node in bytes reads.</summary>
    public static IEnumerable<string> InputsOf(NodeProto node) =>
        node.OpType is "Add" or "Mul" or "Concat" ? node.Input : [node.Input[0]];

    private void Add(NodeProto node, bool isBeforeConvolution)
    {
        bool isMoving = s_moving.Contains(node.OpType);
        bool isComputing = s_computing.Contains(node.OpType);
        bool isPart =
            _convolutions.ContainsKey(node)
            || (
                (isMoving || isComputing)
                && isBeforeConvolution
                && node.Output.Count == 1
                && InputsOf(node).All(edge => _results.ContainsValue(edge))
            );
        if (!isPart)
        {
            return;
        }

        _results[node] = node.Output[0];
        if (isMoving)
        {
            _sources[node.Output[0]] = node.Input[0];
        }
        else if (ClampAfter(node) is NodeProto clamp)
        {
            _clamps[node] = clamp;
            _results[node] = clamp.Output[0];
        }
    }

    // Relu, ReLU6 or another limit that holds zero.
    private NodeProto? ClampAfter(NodeProto node)
    {
        string edge = node.Output[0];
        if (_graph.ConsumersOf(edge) is not [NodeProto reader] || _graph.Outputs.Any(output => output.Name == edge))
        {
            return null;
        }

        return reader.OpType == "Relu" || (reader.OpType == "Clip" && HoldsZero(_graph, reader)) ? reader : null;
    }

    private static bool HoldsZero(OnnxGraph graph, NodeProto clip) =>
        Bound(graph, clip, 1, "min", float.NegativeInfinity) <= 0
        && Bound(graph, clip, 2, "max", float.PositiveInfinity) >= 0;

    /// <summary>A bound of a Clip node; NaN where it is not constant.</summary>
    public static float Bound(OnnxGraph graph, NodeProto clip, int input, string attribute, float open) =>
        clip.Input.Count > input && clip.Input[input].Length > 0
            ? Constants.Scalar(graph, clip.Input[input]) ?? float.NaN
            : clip.GetFloat(attribute, open);

    private static NodeProto? LastLayer(OnnxGraph graph)
    {
        IReadOnlySet<NodeProto> used = graph.Ancestors([graph.Outputs[0].Name]);
        return graph.Nodes.LastOrDefault(node =>
            used.Contains(node)
            && node.OpType is "Conv" or "Gemm" or "MatMul"
            && node.Input.Skip(1).Take(1).All(graph.IsConstant)
        );
    }
}
