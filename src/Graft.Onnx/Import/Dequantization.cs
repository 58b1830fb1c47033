using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Expands operators on bytes (QLinearConv and others, of ONNX and of com.microsoft) into DequantizeLinear, the float
/// operator and QuantizeLinear. This form has float edges to cut at, and ONNX Runtime fuses it again.
/// </summary>
internal static class Dequantization
{
    private const string Microsoft = "com.microsoft";
    private const string Suffix = "/graft.float";

    private const int OpsetOfAxes = 13;

    // The float operator for each quantized one, and the indices of its data inputs. A scale and a zero point follow
    // each.
    private static readonly Dictionary<string, (string Operator, int[] Inputs)> s_operators = new()
    {
        ["QLinearConv"] = ("Conv", [0, 3]),
        ["QLinearMatMul"] = ("MatMul", [0, 3]),
        ["QLinearAdd"] = ("Add", [0, 3]),
        ["QLinearMul"] = ("Mul", [0, 3]),
        ["QGemm"] = ("Gemm", [0, 3]),
        ["QLinearGlobalAveragePool"] = ("GlobalAveragePool", [0]),
        ["QLinearAveragePool"] = ("AveragePool", [0]),
        ["QLinearSigmoid"] = ("Sigmoid", [0]),
        ["QLinearLeakyRelu"] = ("LeakyRelu", [0]),
    };

    /// <summary>Whether a node is one that an expansion adds to compute the scale of a bias.</summary>
    public static bool IsProductOfScales(NodeProto node) =>
        node.OpType == "Mul" && node.Output[0].EndsWith(Suffix + ".scale", StringComparison.Ordinal);

    /// <summary>Expands the operators on bytes of a model, and returns their number.</summary>
    public static int Expand(OnnxModel model)
    {
        NodeProto[] nodes =
        [
            .. model.Graph.Node.Where(node => IsKnown(node) && (model.Opset >= OpsetOfAxes || IsPlain(model, node))),
        ];
        foreach (NodeProto node in nodes)
        {
            (string operation, int[] inputs) = s_operators[node.OpType];
            int at = model.Graph.Node.IndexOf(node);
            model.Graph.Node.RemoveAt(at);
            foreach (NodeProto part in Enumerable.Reverse(Parts(model, node, operation, inputs)))
            {
                model.Graph.Node.Insert(at, part);
            }
        }

        return nodes.Length;
    }

    // The channels_last and alpha variants of com.microsoft have no such expansion.
    private static bool IsKnown(NodeProto node) =>
        node.Domain is "" or "ai.onnx" or Microsoft
        && s_operators.TryGetValue(node.OpType, out (string, int[] Inputs) known)
        && node.GetInt("channels_last", 0) == 0
        && node.GetFloat("alpha", 1) == (node.OpType == "QLinearLeakyRelu" ? node.GetFloat("alpha", 1) : 1)
        && node.Output.Count == 1
        && node.Input.Count >= (3 * known.Inputs.Length) + (node.OpType == "QGemm" ? 0 : 2);

    // Before opset 13, DequantizeLinear has no axis for a scale per filter. Operators with a bias are kept too: ONNX
    // Runtime 1.31 would fuse them into operators of opset 11.
    private static bool IsPlain(OnnxModel model, NodeProto node) =>
        node.OpType is not ("QLinearConv" or "QGemm")
        && s_operators[node.OpType]
            .Inputs.All(at =>
                model.Graph.Initializer.FirstOrDefault(t => t.Name == node.Input[at + 1]) is TensorProto scale
                && TensorValues.ElementCount(scale, scale.Name) == 1
            );

    private static List<NodeProto> Parts(OnnxModel model, NodeProto node, string operation, int[] inputs)
    {
        string name = node.Output[0] + Suffix;
        NodeProto computed = new()
        {
            OpType = operation,
            Name = node.Name.Length > 0 ? node.Name : name,
            Output = { name },
            Attribute = { node.Attribute.Where(a => a.Name != "channels_last") },
        };
        List<NodeProto> parts = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            parts.Add(Dequantized(model, node, inputs[i], $"{name}{i}", operation));
            computed.Input.Add($"{name}{i}");
        }

        bool isGemm = node.OpType == "QGemm";
        string bias =
            isGemm ? InputAt(node, 6)
            : node.OpType == "QLinearConv" ? InputAt(node, 8)
            : "";
        if (bias.Length > 0)
        {
            parts.AddRange(Bias(node, bias, name));
            computed.Input.Add($"{name}.bias");
        }

        int result = (3 * inputs.Length) + (isGemm ? 1 : 0);
        parts.Add(computed);
        parts.Add(Result(node, InputAt(node, result), InputAt(node, result + 1), name));
        RequireScales(model, node, result);
        return parts;
    }

    // The float value of an input. A kernel with a scale per filter needs the axis of opset 13.
    private static NodeProto Dequantized(OnnxModel model, NodeProto node, int at, string output, string operation)
    {
        NodeProto real = new()
        {
            OpType = "DequantizeLinear",
            Name = output,
            Input = { node.Input[at], node.Input[at + 1] },
            Output = { output },
        };
        AddZero(real, node.Input[at + 2]);
        if (at > 0 && model.Opset >= OpsetOfAxes && (operation == "Conv" || node.GetInt("transB", 0) != 0))
        {
            real.WithAttribute("axis", 0L);
        }

        return real;
    }

    private static string InputAt(NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    private static void AddZero(NodeProto node, string zero)
    {
        if (zero.Length > 0)
        {
            node.Input.Add(zero);
        }
    }

    // The bias is int32; its unit is the scale of the input times the scale of the kernel.
    private static NodeProto[] Bias(NodeProto node, string bias, string name) =>
        [
            new()
            {
                OpType = "Mul",
                Name = $"{name}.scale",
                Input = { node.Input[1], node.Input[4] },
                Output = { $"{name}.scale" },
            },
            new NodeProto
            {
                OpType = "Cast",
                Name = $"{name}.single",
                Input = { bias },
                Output = { $"{name}.single" },
            }.WithAttribute("to", (long)DataType.Float),
            new()
            {
                OpType = "Mul",
                Name = $"{name}.bias",
                Input = { $"{name}.single", $"{name}.scale" },
                Output = { $"{name}.bias" },
            },
        ];

    // QGemm without an output scale returns floats.
    private static NodeProto Result(NodeProto node, string scale, string zero, string name)
    {
        NodeProto result = new()
        {
            OpType = scale.Length > 0 ? "QuantizeLinear" : "Identity",
            Name = $"{name}.result",
            Input = { name },
            Output = { node.Output[0] },
        };
        if (scale.Length > 0)
        {
            result.Input.Add(scale);
            AddZero(result, zero);
        }

        return result;
    }

    private static void RequireScales(OnnxModel model, NodeProto node, int result)
    {
        bool isDamaged =
            node.Input.Take(2).Any(edge => edge.Length == 0)
            || (InputAt(node, result).Length == 0 && node.OpType != "QGemm");
        if (isDamaged)
        {
            throw new OnnxException(
                model.Graph.Name,
                $"its node '{Printable.Text(node.Name.Length > 0 ? node.Name : node.Output[0])}' lacks a scale; "
                    + "the file is damaged"
            );
        }
    }
}
