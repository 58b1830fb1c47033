using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>
/// Writes a network in bytes: a QuantizeLinear and a DequantizeLinear around each node of the quantized part, which
/// ONNX Runtime fuses into operators on bytes. Kernels have a scale a filter, biases are 32-bit integers.
/// </summary>
/// <param name="source">The float32 network, its batch-norms folded; not changed.</param>
/// <param name="part">Its quantized part.</param>
/// <param name="ranges">The range of each edge.</param>
/// <param name="most">Largest weight in bytes: 127, or 63 for 7 bits.</param>
internal sealed class Int8Writer(
    OnnxModel source,
    QuantizedPart part,
    IReadOnlyDictionary<string, ValueRange> ranges,
    int most
)
{
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _weights = [];
    private readonly Dictionary<string, string> _rounded = [];

    /// <summary>The network in bytes.</summary>
    public OnnxModel Write()
    {
        foreach (NodeProto node in new OnnxGraph(source).Nodes)
        {
            if (part.Contains(node))
            {
                AddInBytes(node);
            }
            else if (!part.IsAbsorbed(node))
            {
                _nodes.Add(node.Clone());
            }
        }

        OnnxModel written = source.Clone();
        written.Graph.Node.Clear();
        written.Graph.Node.AddRange(_nodes);
        written.Graph.Initializer.AddRange(_weights);
        GraphCleaning.RemoveUnread(written);
        return written;
    }

    private void AddInBytes(NodeProto node)
    {
        NodeProto inBytes = node.Clone();
        HashSet<string> read = [.. QuantizedPart.InputsOf(node)];
        for (int i = 0; i < inBytes.Input.Count; i++)
        {
            inBytes.Input[i] = read.Contains(inBytes.Input[i]) ? Rounded(inBytes.Input[i]) : inBytes.Input[i];
        }

        if (part.Convolutions.TryGetValue(node, out Convolution? convolution))
        {
            AddWeights(inBytes, convolution, RangeOf(node.Input[0]).Scale);
        }

        string result = part.ResultOf(node);
        inBytes.Output[0] = $"{result}/exact";
        _nodes.Add(inBytes);
        AddRounding($"{result}/exact", result, result);
    }

    // The rounded values of an edge. Results of nodes in bytes are rounded already.
    private string Rounded(string edge)
    {
        if (part.IsResult(edge))
        {
            return edge;
        }

        if (!_rounded.TryGetValue(edge, out string? rounded))
        {
            _rounded[edge] = rounded = $"{edge}/rounded";
            AddRounding(edge, edge, rounded);
        }

        return rounded;
    }

    private ValueRange RangeOf(string edge) => ranges[part.LevelsOf(edge)];

    private void AddRounding(string from, string edge, string to)
    {
        string levels = part.LevelsOf(edge);
        (string scale, string zero) = ($"{levels}/scale", $"{levels}/zero");
        if (!_weights.Exists(weight => weight.Name == scale))
        {
            ValueRange range = ranges[levels];
            _weights.Add(TensorValues.FromSingles(scale, [], [range.Scale]));
            _weights.Add(Constants.Bytes(zero, [], [range.ZeroPoint]));
        }

        _nodes.Add(Node("QuantizeLinear", $"{edge}/bytes", from, scale, zero));
        _nodes.Add(Node("DequantizeLinear", to, $"{edge}/bytes", scale, zero));
    }

    private void AddWeights(NodeProto node, Convolution convolution, float inputScale)
    {
        string name = convolution.Node.Output[0];
        RoundedKernel kernel = RoundedKernel.Of(convolution, inputScale, most);
        int filters = convolution.Filters;
        AddConstant(
            node,
            1,
            $"{name}/kernel",
            Constants.SignedBytes($"{name}/kernel/bytes", convolution.Shape, kernel.Values),
            kernel.Scales,
            Constants.SignedBytes($"{name}/kernel/zero", [filters], new sbyte[filters])
        );
        if (convolution.HasBias)
        {
            AddConstant(
                node,
                2,
                $"{name}/bias",
                Constants.Integers($"{name}/bias/integers", [filters], kernel.Biases),
                Array.ConvertAll(kernel.Scales, scale => scale * inputScale),
                Constants.Integers($"{name}/bias/zero", [filters], new int[filters])
            );
        }
    }

    private void AddConstant(
        NodeProto node,
        int input,
        string name,
        TensorProto values,
        float[] scales,
        TensorProto zeros
    )
    {
        _weights.AddRange(values, TensorValues.FromSingles($"{name}/scale", [scales.Length], scales), zeros);
        string real = $"{name}/rounded";
        _nodes.Insert(
            _nodes.Count,
            Node("DequantizeLinear", real, values.Name, $"{name}/scale", zeros.Name).WithAttribute("axis", 0L)
        );
        if (input < node.Input.Count)
        {
            node.Input[input] = real;
        }
        else
        {
            node.Input.Add(real);
        }
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new()
        {
            OpType = operation,
            Name = $"{output}/{operation}",
            Input = { inputs },
            Output = { output },
        };
}
