using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Counts the values of a network's weights. A quantized layer counts its whole numbers, and not the scales that turn
/// them into floats: it has as many parameters as the layer that it was made from.
/// </summary>
internal static class ParameterCount
{
    // The inputs that hold whole numbers in place of float weights and biases.
    private static readonly Dictionary<string, int[]> s_quantized = new()
    {
        ["DequantizeLinear"] = [0],
        ["ConvInteger"] = [1],
        ["MatMulInteger"] = [1],
        ["QLinearConv"] = [3, 8],
        ["QLinearMatMul"] = [3],
        ["QGemm"] = [3, 6],
        ["DynamicQuantizeMatMul"] = [1],
        ["MatMulIntegerToFloat"] = [1],
    };

    // The inputs that hold scales of whole numbers.
    private static readonly Dictionary<string, int[]> s_scales = new()
    {
        ["QuantizeLinear"] = [1],
        ["DequantizeLinear"] = [1],
        ["QLinearConv"] = [1, 4, 6],
        ["QLinearMatMul"] = [1, 4, 6],
        ["QLinearAdd"] = [1, 4, 6],
        ["QLinearMul"] = [1, 4, 6],
        ["QGemm"] = [1, 4, 7],
        ["QLinearGlobalAveragePool"] = [1, 3],
        ["QLinearAveragePool"] = [1, 3],
        ["QLinearSigmoid"] = [1, 3],
        ["QLinearLeakyRelu"] = [1, 3],
        ["DynamicQuantizeMatMul"] = [2],
        ["MatMulIntegerToFloat"] = [2, 3],
    };

    /// <summary>
    /// Number of parameters in a weight, or in a ConstantOfShape node: old exporters write weights so.
    /// </summary>
    public static long Of(OnnxGraph graph, string edge)
    {
        if (graph.Weights.TryGetValue(edge, out TensorProto? weight))
        {
            bool isCounted = TensorValues.IsFloat(weight)
                ? !graph.ConsumersOf(edge).All(node => IsScaleOf(node, edge))
                : graph.ConsumersOf(edge).Any(node => IsQuantizedValueOf(graph, node, edge, weight));
            return isCounted ? TensorValues.ElementCount(weight, edge) : 0;
        }

        bool isMade =
            graph.ProducerOf(edge) is { OpType: "ConstantOfShape", Input.Count: > 0 } maker
            && graph.Weights.TryGetValue(maker.Input[0], out weight)
            && (maker.FindAttribute("value")?.T is not TensorProto value || TensorValues.IsFloat(value));
        return isMade ? TensorValues.ToInt64s(weight!).Aggregate(1L, (product, d) => checked(product * d)) : 0;
    }

    private static bool IsScaleOf(NodeProto node, string edge) =>
        Reads(s_scales, node, edge) || Dequantization.IsProductOfScales(node);

    private static bool IsQuantizedValueOf(OnnxGraph graph, NodeProto node, string edge, TensorProto weight) =>
        Reads(s_quantized, node, edge)
        // the bias of an expanded QLinearConv
        || (
            node.OpType == "Cast"
            && weight.DataType == (int)DataType.Int32
            && graph.ConsumersOf(node.Output[0]) is [{ OpType: "Mul" } scaled]
            && scaled.Input.Any(input =>
                graph.ProducerOf(input) is NodeProto product && Dequantization.IsProductOfScales(product)
            )
        );

    private static bool Reads(Dictionary<string, int[]> inputs, NodeProto node, string edge) =>
        inputs.TryGetValue(node.OpType, out int[]? indices)
        && indices.Any(index => index < node.Input.Count && node.Input[index] == edge);
}
