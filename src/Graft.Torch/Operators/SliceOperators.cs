using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Slice with steps of either sign, and Trilu.</summary>
internal static class SliceOperators
{
    public static void Register(OperatorTable table) => table.In("shape").Add("Slice", Slice).Add("Trilu", Trilu);

    private static SingleKernel Slice(NodeContext node) =>
        x =>
        {
            bool isOld = node.Opset < 10;
            long[] starts = isOld ? node.Ints("starts") ?? [] : x.Ints(1);
            long[] ends = isOld ? node.Ints("ends") ?? [] : x.Ints(2);
            long[]? axes = isOld ? node.Ints("axes") : x.OptionalInts(3);
            long[]? steps = isOld ? null : x.OptionalInts(4);
            axes = Axes.All(node, axes ?? Axes.From(0, starts.Length), (int)x[0].dim());
            if (
                ends.Length != starts.Length
                || axes.Length != starts.Length
                || (steps is not null && steps.Length != starts.Length)
            )
            {
                throw node.Refuse("its starts, ends, axes and steps differ in length; export the network again");
            }

            Tensor output = x[0].alias();
            for (int i = 0; i < starts.Length; i++)
            {
                long step = steps?[i] ?? 1;
                output =
                    step != 0
                        ? Along(output, axes[i], starts[i], ends[i], step)
                        : throw node.Refuse("a step is 0; export the network again");
            }

            return output;
        };

    private static Tensor Along(Tensor x, long axis, long start, long end, long step)
    {
        long size = x.shape[axis];
        start = start < 0 ? Math.Max(start, -size - 1) + size : start;
        end = end < 0 ? Math.Max(end, -size - 1) + size : end;
        if (step > 0)
        {
            start = Math.Clamp(start, 0, size);
            end = Math.Clamp(end, start, size);
            return x.slice(axis, start, end, step);
        }

        start = Math.Clamp(start, -1, size - 1);
        end = Math.Clamp(end, -1, size - 1);
        step = Math.Max(step, -size - 1); // a larger step also takes the first value only
        List<long> places = [];
        for (long at = start; at > end; at += step)
        {
            places.Add(at);
        }

        using Tensor index = tensor(places.ToArray(), ScalarType.Int64, x.device);
        return x.index_select(axis, index);
    }

    private static SingleKernel Trilu(NodeContext node)
    {
        bool isUpper = node.Flag("upper", true);
        return x =>
        {
            long diagonal = (long)x.Scalar(1, 0);
            return isUpper ? x[0].triu(diagonal) : x[0].tril(diagonal);
        };
    }
}
