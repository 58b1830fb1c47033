using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Dropout, which drops values in training only. The caller draws the mask.</summary>
internal static class DropoutOperators
{
    public static void Register(OperatorTable table) =>
        table.In("dropout").AddMany("Dropout", Dropout, "a graph that switches training mode on by itself is refused");

    private static Kernel Dropout(NodeContext node)
    {
        double attribute = node.Float("ratio", 0.5);
        return x =>
        {
            double ratio = node.Opset < 12 ? attribute : x.Scalar(1, 0.5);
            if (ratio is not (>= 0 and < 1))
            {
                throw node.Refuse($"its ratio is {ratio}; 0 to below 1 is supported");
            }

            if (!x.IsTraining && ratio > 0 && node.Opset >= 12 && x.Scalar(2, 0) != 0)
            {
                throw node.Refuse(
                    "it asks for training mode, whose values are random; "
                        + "export the network in inference mode (model.eval())"
                );
            }

            if (!x.IsTraining || ratio == 0)
            {
                return node.HasOutput(1) ? [x[0].alias(), ones_like(x[0], ScalarType.Bool)] : [x[0].alias()];
            }

            DropoutMask draw = x.Masks
                ?? throw new InvalidOperationException(
                    $"'{node.Title}' drops values in training, but no DropoutMask was given."
                );
            Tensor mask = draw(node.DropoutIndex, x[0].shape, 1 - ratio).to(x[0].device);
            return [(x[0] * mask.to(x[0].dtype)).DividedBy(1 - ratio), mask.to(ScalarType.Bool)];
        };
    }
}
