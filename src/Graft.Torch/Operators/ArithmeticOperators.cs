using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Arithmetic of two or more tensors, with broadcasting.</summary>
internal static class ArithmeticOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("arithmetic")
            .Add("Add", Binary((a, b) => a.Plus(b)))
            .Add("Sub", Binary((a, b) => a - b))
            .Add("Mul", Binary((a, b) => a * b))
            .Add("Div", Binary(Divide))
            .Add("Pow", Pow)
            .Add("Mod", Mod)
            .Add("Sum", Variadic((a, b) => a.Plus(b)))
            .Add("Max", Variadic(maximum))
            .Add("Min", Variadic(minimum))
            .Add("Mean", Mean);

    /// <summary>Aligns the second operand by the attributes broadcast and axis, which opsets before 7 have.</summary>
    internal static Tensor Aligned(NodeContext node, Tensor left, Tensor right)
    {
        if (node.Opset >= 7 || !node.Flag("broadcast"))
        {
            return right;
        }

        long axis = node.Int("axis", left.dim() - right.dim());
        long after = left.dim() - right.dim() - Axes.At(node, axis, (int)left.dim() + 1);
        return after > 0 ? right.reshape([.. right.shape, .. Enumerable.Repeat(1L, (int)after)]) : right;
    }

    internal static Func<NodeContext, SingleKernel> Binary(Func<Tensor, Tensor, Tensor> function) =>
        node =>
            x =>
            {
                Tensor left = x[0],
                    right = Aligned(node, left, x[1]);
                CheckBroadcast(node, left, right);
                return function(left, right);
            };

    /// <summary>Refuses shapes whose broadcast result exceeds the limit, though each is small alone.</summary>
    private static void CheckBroadcast(NodeContext node, Tensor left, Tensor right)
    {
        long[] a = left.shape,
            b = right.shape;
        if (a.Length == 0 || b.Length == 0 || a.AsSpan().SequenceEqual(b))
        {
            return;
        }

        int rank = Math.Max(a.Length, b.Length);
        node.CheckSize(
            Enumerable.Range(1, rank).Select(i => Math.Max(i <= a.Length ? a[^i] : 1, i <= b.Length ? b[^i] : 1))
        );
    }

    private static Func<NodeContext, SingleKernel> Variadic(Func<Tensor, Tensor, Tensor> function) =>
        node =>
            x =>
                x.All()
                    .Aggregate(
                        (a, b) =>
                        {
                            CheckBroadcast(node, a, b);
                            return function(a, b);
                        }
                    )
                    is { } result
                && x.Count == 1
                    ? result.alias()
                    : x.All().Aggregate(function);

    private static SingleKernel Mean(NodeContext node) =>
        x => x.All().Aggregate((a, b) => a.Plus(b)).DividedBy(x.Count);

    private static Tensor Divide(Tensor a, Tensor b) =>
        a.is_floating_point() || b.is_floating_point() ? a / b : a.div(b, RoundingMode.trunc);

    private static SingleKernel Pow(NodeContext node) =>
        x =>
        {
            Tensor left = x[0],
                right = Aligned(node, left, x[1]);
            CheckBroadcast(node, left, right);
            if (!left.is_floating_point())
            {
                return left.to(ScalarType.Float64).pow(right.to(ScalarType.Float64)).to(left.dtype); // exact below 2^53
            }

            // A number instead of a tensor: PyTorch has fast paths for 2, 0.5 and -1, and its gradient needs no
            // logarithm.
            return right.numel() == 1 && right.dim() <= left.dim() && !right.requires_grad
                ? left.pow(Held(x.Scalar(1, 1)))
                : left.pow(right.to(left.dtype));
        };

    private static SingleKernel Mod(NodeContext node)
    {
        bool isFmod = node.Flag("fmod");
        return Binary((a, b) => isFmod ? a.fmod(b) : a.remainder(b))(node);
    }
}
