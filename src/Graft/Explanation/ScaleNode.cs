using Graft.Onnx;

namespace Graft.Explanation;

/// <summary>y = x + c, x - c, x * c or x / c with a constant c for all elements or for each.</summary>
internal sealed class ScaleNode : VectorNode
{
    private readonly string _operation;
    private readonly double[] _constant;

    private ScaleNode(NodeProto node, string input, double[] constant)
        : base(node)
    {
        Inputs = [input];
        (_operation, _constant) = (node.OpType, constant);
    }

    public override IReadOnlyList<string> Inputs { get; }

    /// <summary>The node; null where it does not join a vector and a constant.</summary>
    public static ScaleNode? Create(NodeProto node, Func<string, bool> isVector, Func<string, TensorProto?> constant)
    {
        if (node.Input.Count != 2)
        {
            return null;
        }

        if (isVector(node.Input[0]) && constant(node.Input[1]) is { } second)
        {
            return new(node, node.Input[0], Doubles(second));
        }

        bool isCommutative = node.OpType is "Add" or "Mul";
        return isCommutative && isVector(node.Input[1]) && constant(node.Input[0]) is { } first
            ? new(node, node.Input[1], Doubles(first))
            : null;
    }

    public override double[] Forward(IReadOnlyList<double[]> inputs) =>
        [
            .. inputs[0]
                .Select(
                    (value, i) =>
                        _operation switch
                        {
                            "Add" => value + At(i),
                            "Sub" => value - At(i),
                            "Mul" => value * At(i),
                            _ => value / At(i),
                        }
                ),
        ];

    public override IReadOnlyList<double[]> Backward(IReadOnlyList<double[]> inputs, double[] gradient) =>
        [
            [
                .. gradient.Select(
                    (slope, i) =>
                        _operation switch
                        {
                            "Add" or "Sub" => slope,
                            "Mul" => slope * At(i),
                            _ => slope / At(i),
                        }
                ),
            ],
        ];

    private double At(int i) => _constant[_constant.Length == 1 ? 0 : i];

    private static double[] Doubles(TensorProto tensor) =>
        Array.ConvertAll(TensorValues.ToSingles(tensor), value => (double)value);
}
