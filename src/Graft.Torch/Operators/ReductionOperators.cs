using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Sums, means and extremes over axes.</summary>
internal static class ReductionOperators
{
    private delegate Tensor Reduction(Tensor x, long[] axes, bool keeps);

    public static void Register(OperatorTable table) =>
        table
            .In("reduction")
            .Add("ReduceSum", node => Reduce(node, Sum, axesAreInputSince: 13))
            .Add("ReduceMean", node =>
                Reduce(node, (x, axes, keeps) => axes.Length == 0 ? x.alias() : Floats(x).mean(axes, keeps))
            )
            .Add("ReduceMax", node => Reduce(node, (x, axes, keeps) => Extreme(x, axes, keeps, isMaximum: true)))
            .Add("ReduceMin", node => Reduce(node, (x, axes, keeps) => Extreme(x, axes, keeps, isMaximum: false)))
            .Add("ReduceProd", node => Reduce(node, Product))
            .Add("ReduceL1", node => Reduce(node, (x, axes, keeps) => Sum(x.abs(), axes, keeps)))
            .Add("ReduceL2", node =>
                Reduce(node, (x, axes, keeps) => Sum(WidePrecision.Of(x).Squared(), axes, keeps).sqrt())
            )
            .Add("ReduceLogSum", node => Reduce(node, (x, axes, keeps) => Sum(x, axes, keeps).log()))
            .Add("ReduceLogSumExp", node => Reduce(node, LogSumExp))
            .Add("ReduceSumSquare", node =>
                Reduce(node, (x, axes, keeps) => Sum(WidePrecision.Of(x).Squared(), axes, keeps))
            )
            .Add("ArgMax", node => Arg(node, isMaximum: true))
            .Add("ArgMin", node => Arg(node, isMaximum: false))
            .Add("CumSum", CumSum)
            .AddMany("TopK", TopK);

    private static SingleKernel Reduce(NodeContext node, Reduction reduction, int axesAreInputSince = 18)
    {
        bool keeps = node.Flag("keepdims", true);
        bool emptyIsNone = node.Flag("noop_with_empty_axes");
        return x =>
        {
            Tensor input = x.Wide(0);
            int rank = (int)input.dim();
            long[] axes = Axes.Read(node, x, 1, axesAreInputSince) ?? [];
            if (axes.Length == 0 && !emptyIsNone)
            {
                axes = Axes.From(0, rank);
            }

            return reduction(input, Axes.All(node, axes, rank), keeps);
        };
    }

    private static Tensor Floats(Tensor x) => x.is_floating_point() ? x : x.to(ScalarType.Float32);

    // Without axes PyTorch sums over all of them, ONNX over none.
    private static Tensor Sum(Tensor x, long[] axes, bool keeps) => axes.Length == 0 ? x.alias() : x.sum(axes, keeps);

    private static Tensor Extreme(Tensor x, long[] axes, bool keeps, bool isMaximum)
    {
        if (axes.Length == 0)
        {
            return x.alias();
        }

        if (axes.Any(axis => x.shape[axis] == 0))
        {
            long[] shape = Reduced(x.shape, axes, keeps);
            return x.dtype == ScalarType.Bool ? full(shape, Held(!isMaximum), x.dtype, x.device)
                : x.is_floating_point()
                    ? full(
                        shape,
                        Held(isMaximum ? double.NegativeInfinity : double.PositiveInfinity),
                        x.dtype,
                        x.device
                    )
                : full(shape, Held(isMaximum ? long.MinValue : long.MaxValue), x.dtype, x.device);
        }

        return isMaximum ? x.amax(axes, keeps) : x.amin(axes, keeps);
    }

    private static long[] Reduced(long[] shape, long[] axes, bool keeps) =>
        [.. shape.Select((size, i) => axes.Contains(i) ? (keeps ? 1L : -1L) : size).Where(size => size >= 0)];

    private static Tensor Product(Tensor x, long[] axes, bool keeps)
    {
        Tensor product = x.alias();
        foreach (long axis in axes.OrderDescending())
        {
            product = product.prod(axis, keeps);
        }

        return product;
    }

    private static Tensor LogSumExp(Tensor x, long[] axes, bool keeps)
    {
        if (axes.Length == 0)
        {
            return x.alias();
        }

        using Tensor largest = Extreme(Floats(x).detach(), axes, keeps: true, isMaximum: true);
        using Tensor finite = largest.nan_to_num(0, 0, 0); // a shift by infinity would result in NaN
        Tensor shifted = (Floats(x) - finite).exp().sum(axes, keepdim: true).log().Plus(finite);
        return keeps ? shifted : shifted.reshape(Reduced(x.shape, axes, keeps: false));
    }

    private static SingleKernel Arg(NodeContext node, bool isMaximum)
    {
        long axis = node.Int("axis", 0);
        bool keeps = node.Flag("keepdims", true),
            takesLast = node.Flag("select_last_index");
        return x =>
        {
            int dim = Axes.At(node, axis, (int)x[0].dim());
            Tensor input = takesLast ? x[0].flip(dim) : x[0];
            Tensor place = isMaximum ? input.argmax(dim, keeps) : input.argmin(dim, keeps);
            return takesLast ? place.neg().Plus(x[0].shape[dim] - 1) : place;
        };
    }

    private static SingleKernel CumSum(NodeContext node)
    {
        bool isExclusive = node.Flag("exclusive"),
            isReverse = node.Flag("reverse");
        return x =>
        {
            int dim = Axes.At(node, (long)x.Scalar(1, 0), (int)x[0].dim());
            Tensor input = isReverse ? x.Wide(0).flip(dim) : x.Wide(0);
            Tensor sum = isExclusive ? input.cumsum(dim) - input : input.cumsum(dim);
            return isReverse ? sum.flip(dim) : sum;
        };
    }

    private static Kernel TopK(NodeContext node)
    {
        long axis = node.Int("axis", -1),
            attribute = node.Int("k", 0);
        bool isLargest = node.Flag("largest", true);
        return x =>
        {
            long k = node.Opset < 10 ? attribute : (long)x.Scalar(1, 0);
            int dim = Axes.At(node, axis, (int)x[0].dim());
            if (k < 0 || k > x[0].shape[dim])
            {
                throw node.Refuse($"k is {k} and the axis has {x[0].shape[dim]} values; check the graph");
            }

            (Tensor values, Tensor places) = x[0].topk((int)k, dim, isLargest, true);
            return [values, places];
        };
    }
}
