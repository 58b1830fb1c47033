using Graft.Onnx;

namespace Graft.Explanation;

/// <summary>y = W x + b.</summary>
internal sealed class LinearNode : VectorNode
{
    private readonly float[] _weight; // [C,F]
    private readonly float[]? _bias; // [C] or [1]
    private readonly int _outputs;

    private LinearNode(NodeProto node, float[] weight, float[]? bias, int outputs)
        : base(node)
    {
        Inputs = [node.Input[0]];
        (_weight, _bias, _outputs) = (weight, bias, outputs);
    }

    public override IReadOnlyList<string> Inputs { get; }

    private int Features => _weight.Length / _outputs;

    /// <summary>The node; null where its weights are computed or scaled.</summary>
    public static LinearNode? Create(NodeProto node, Func<string, TensorProto?> constant)
    {
        TensorProto? weight = node.Input.Count > 1 ? constant(node.Input[1]) : null;
        bool hasBias = node.Input.Count > 2 && node.Input[2].Length > 0;
        TensorProto? bias = hasBias ? constant(node.Input[2]) : null;
        bool isPlain = node.GetInt("transA", 0) == 0 && node.GetFloat("alpha", 1) == 1 && node.GetFloat("beta", 1) == 1;
        if (weight is not { Dims.Count: 2 } || (hasBias && bias is null) || !isPlain)
        {
            return null;
        }

        float[] values = TensorValues.ToSingles(weight);
        bool isTransposed = node.GetInt("transB", 0) != 0;
        int outputs = (int)weight.Dims[isTransposed ? 0 : 1];
        return outputs == 0
            ? null
            : new(
                node,
                isTransposed ? values : Transposed(values, outputs),
                bias is null ? null : TensorValues.ToSingles(bias),
                outputs
            );
    }

    public override double[] Forward(IReadOnlyList<double[]> inputs)
    {
        double[] output = new double[_outputs];
        for (int row = 0; row < _outputs; row++)
        {
            double sum = _bias is null ? 0 : _bias[_bias.Length == 1 ? 0 : row];
            for (int column = 0; column < Features; column++)
            {
                sum += _weight[(row * Features) + column] * inputs[0][column];
            }

            output[row] = sum;
        }

        return output;
    }

    public override IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient)
    {
        double[] along = new double[Features];
        for (int row = 0; row < _outputs; row++)
        {
            for (int column = 0; column < Features && gradient[row] != 0; column++)
            {
                along[column] += gradient[row] * _weight[(row * Features) + column];
            }
        }

        return [along];
    }

    private static float[] Transposed(float[] values, int columns)
    {
        int rows = values.Length / columns;
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            turned[((i % columns) * rows) + (i / columns)] = values[i];
        }

        return turned;
    }
}
