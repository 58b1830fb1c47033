namespace Graft.Onnx;

/// <summary>
/// The shapes of edges by ONNX's own shape inference, which ONNX Runtime does when it loads a network: of one whose
/// operators' shapes follow from their inputs' shapes and attributes alone nothing
/// has to be computed, and no weight is given.
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
    /// Shape and whether it holds floats, of each of <paramref name="edges"/>; null where it does not follow from the
    /// operators, or ONNX Runtime refuses the network.
    /// </summary>
    /// <param name="edges">Made by nodes of the network.</param>
    /// <param name="inputShape">Of its only input, with the batch.</param>
    public static IReadOnlyList<(long[] Shape, bool IsReal)>? Infer(
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
        bare.Graph.Input.Add(Subgraph.DeclareFixedFloat(graph.Inputs[0].Name, inputShape));
        foreach (TensorProto weight in graph.Weights.Values)
        {
            if (weight.DataType == (int)TensorProto.Types.DataType.Float)
            {
                bare.Graph.Input.Add(Subgraph.DeclareFixedFloat(weight.Name, weight.Dims));
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
            IReadOnlyList<(long[] Shape, bool IsReal)> found = network.DeclaredOutputs;
            return found.All(output => output.Shape.All(d => d > 0)) ? found : null;
        }
        catch (OnnxException)
        {
            return null; // whoever runs it is told why
        }
    }

    // How a pool rounds up, or pads by itself, is read differently here and there.
    private static bool IsInferable(NodeProto node) =>
        node.Domain.Length == 0
        && s_operators.Contains(node.OpType)
        && node.GetInt("ceil_mode", 0) == 0
        && (node.OpType == "Conv" || node.FindAttribute("auto_pad") is null);
}
