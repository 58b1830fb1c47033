namespace Graft.Onnx;

/// <summary>
/// Finds shapes with ONNX's own shape inference, which ONNX Runtime runs when it loads a network. This works without
/// weights if every output shape follows from input shapes and attributes.
/// </summary>
internal static class InferredShapes
{
    private static readonly HashSet<string> s_operators =
    [
        "Add",
        "AveragePool",
        "BatchNormalization",
        "Clip",
        "Concat",
        "Constant",
        "Conv",
        "Div",
        "Dropout",
        "Flatten",
        "Gemm",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "LRN",
        "LeakyRelu",
        "MaxPool",
        "Mul",
        "Relu",
        "Sigmoid",
        "Softmax",
        "Sub",
        "Tanh",
        "Transpose",
    ];

    /// <summary>
    /// The type of each of <paramref name="edges"/>; null if inference is not possible or ONNX Runtime
    /// refuses the network.
    /// </summary>
    /// <param name="edges">Edges that nodes of the network make.</param>
    /// <param name="inputShape">Shape of the only input, including the batch dimension.</param>
    public static IReadOnlyList<EdgeType>? Infer(
        OnnxGraph graph,
        IReadOnlyList<string> edges,
        IReadOnlyList<long> inputShape
    )
    {
        if (
            graph.Inputs.Count != 1
            || !graph.Nodes.All(IsInferable)
            || edges.Any(edge => graph.ProducerOf(edge) is null)
        )
        {
            return null;
        }

        OnnxModel bare = graph.Model.CloneWithoutGraph();
        bare.Graph.Node.AddRange(graph.Nodes.Select(node => node.Clone()));
        bare.Graph.Input.Add(EdgeDeclaration.CreateFixed(graph.Inputs[0].Name, inputShape));
        foreach (TensorProto weight in graph.Weights.Values)
        {
            if (weight.DataType == (int)TensorProto.Types.DataType.Float)
            {
                bare.Graph.Input.Add(EdgeDeclaration.CreateFixed(weight.Name, weight.Dims));
            }
            else
            {
                bare.Graph.Initializer.Add(weight);
            }
        }

        bare.Graph.Output.AddRange(edges.Select(edge => new ValueInfoProto { Name = edge }));
        try
        {
            using OnnxSession network = new(bare, "model", threads: 1, optimize: false);
            IReadOnlyList<EdgeType> found = network.DeclaredOutputs;
            return found.All(output => output.Shape.All(d => d > 0)) ? found : null;
        }
        catch (OnnxException)
        {
            return null; // running the network reports the reason
        }
    }

    // Implementations differ in how pools round up and how automatic padding works.
    private static bool IsInferable(NodeProto node) =>
        node.Domain.Length == 0
        && s_operators.Contains(node.OpType)
        && node.GetInt("ceil_mode", 0) == 0
        && (node.OpType == "Conv" || node.FindAttribute("auto_pad") is null);
}
