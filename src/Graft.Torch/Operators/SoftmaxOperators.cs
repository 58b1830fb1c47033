using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>
/// Softmax and its relatives: along one axis from opset 13 on, before that over all axes from one on.
/// </summary>
internal static class SoftmaxOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("softmax")
            .Add("Softmax", node => Along(node, (x, dim) => x.softmax(dim)))
            .Add("LogSoftmax", node => Along(node, (x, dim) => functional.log_softmax(x, dim)))
            .Add("Hardmax", node => Along(node, Hardmax));

    private static SingleKernel Along(NodeContext node, Func<Tensor, long, Tensor> function)
    {
        bool isFlattened = node.Opset < 13;
        long axis = node.Int("axis", isFlattened ? 1 : -1);
        return x =>
        {
            Tensor input = x.Wide(0);
            if (!isFlattened)
            {
                return function(input, Axes.At(node, axis, (int)input.dim()));
            }

            int first = Axes.At(node, axis, (int)input.dim() + 1);
            long rows = input.shape[..first].Aggregate(1L, (product, size) => product * size);
            long columns = input.shape[first..].Aggregate(1L, (product, size) => product * size);
            return function(input.reshape(rows, columns), 1).reshape(input.shape);
        };
    }

    private static Tensor Hardmax(Tensor x, long dim)
    {
        Tensor place = x.argmax(dim, keepdim: true);
        return zeros_like(x).scatter(dim, place, ones_like(place).to(x.dtype));
    }
}
