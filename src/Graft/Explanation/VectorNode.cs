using Graft.Onnx;

namespace Graft.Explanation;

/// <summary>
/// A node of a head between its pooled features and its scores, for one image: vectors in, a vector out.
/// </summary>
internal abstract class VectorNode(NodeProto node)
{
    /// <summary>Name of the vector that the node makes.</summary>
    public string Output { get; } = node.Output[0];

    /// <summary>Names of the vectors that the node reads.</summary>
    public abstract IReadOnlyList<string> Inputs { get; }

    /// <summary>Computes the output.</summary>
    public abstract double[] Forward(IReadOnlyList<double[]> inputs);

    /// <summary>The gradient along each input, given the one along the output.</summary>
    public abstract IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient);

    /// <summary>The node as vectors; null where it is not one of those that a head consists of.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isVector">Whether an edge is a vector of the head.</param>
    /// <param name="constant">The values of an initialiser; null where the edge is none.</param>
    public static VectorNode? Of(NodeProto node, Func<string, bool> isVector, Func<string, TensorProto?> constant)
    {
        string[] inputs = [.. node.InputEdges()];
        if (inputs.Length == 0 || node.Output.Count == 0)
        {
            return null;
        }

        return node.OpType switch
        {
            "Gemm" or "MatMul" when isVector(inputs[0]) => LinearNode.Create(node, constant),
            "Add" or "Sub" or "Mul" or "Div" => ScaleNode.Create(node, isVector, constant),
            "Relu" when isVector(inputs[0]) => new ReluNode(node),
            "Concat" when inputs.All(isVector) => new ConcatNode(node),
            // what quantisation rounds is passed on as it is, as in quantisation-aware training
            "Identity" or "Dropout" or "Flatten" or "QuantizeLinear" or "DequantizeLinear" when isVector(inputs[0]) =>
                new PassNode(node),
            _ => null,
        };
    }
}

/// <summary>y = x.</summary>
internal sealed class PassNode(NodeProto node) : VectorNode(node)
{
    public override IReadOnlyList<string> Inputs { get; } = [node.Input[0]];

    public override double[] Forward(IReadOnlyList<double[]> inputs) => inputs[0];

    public override IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient) => [gradient];
}

/// <summary>y = max(x, 0).</summary>
internal sealed class ReluNode(NodeProto node) : VectorNode(node)
{
    public override IReadOnlyList<string> Inputs { get; } = [node.Input[0]];

    public override double[] Forward(IReadOnlyList<double[]> inputs) =>
        Array.ConvertAll(inputs[0], value => Math.Max(value, 0));

    public override IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient) =>
        [
            [.. gradient.Select((slope, i) => inputs[0][i] > 0 ? slope : 0)],
        ];
}

/// <summary>The inputs one after the other.</summary>
internal sealed class ConcatNode(NodeProto node) : VectorNode(node)
{
    public override IReadOnlyList<string> Inputs { get; } = [.. node.Input];

    public override double[] Forward(IReadOnlyList<double[]> inputs) => [.. inputs.SelectMany(values => values)];

    public override IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient)
    {
        List<double[]> parts = [];
        int start = 0;
        foreach (double[] input in inputs)
        {
            parts.Add(gradient[start..(start + input.Length)]);
            start += input.Length;
        }

        return parts;
    }
}
