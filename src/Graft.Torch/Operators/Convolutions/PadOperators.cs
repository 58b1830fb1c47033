using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>Pad in all modes and any number of dimensions. Negative pads cut.</summary>
internal static class PadOperators
{
    public static void Register(OperatorTable table) => table.In("shape").Add("Pad", Pad);

    private static SingleKernel Pad(NodeContext node)
    {
        string mode = node.Choice("mode", "constant", "reflect", "edge", "wrap");
        return x =>
        {
            int rank = (int)x[0].dim();
            long[] pads = node.Opset < 11 ? node.Ints("pads") ?? node.Ints("paddings") ?? [] : x.Ints(1);
            double value = node.Opset < 11 ? node.Float("value", 0) : x.Scalar(2, 0);
            long[] axes = Axes.All(node, x.OptionalInts(3) ?? Axes.From(0, rank), rank);
            if (pads.Length != 2 * axes.Length)
            {
                throw node.Refuse($"{pads.Length} pads for {axes.Length} axes; export the network again");
            }

            (long Before, long After)[] all = new (long, long)[rank];
            for (int i = 0; i < axes.Length; i++)
            {
                all[axes[i]] = (pads[i], pads[i + axes.Length]);
            }

            node.CheckSize(x[0].shape.Select((size, i) => size + all[i].Before + all[i].After));
            return mode == "constant"
                ? Constant(x[0], all, value)
                : Enumerable.Range(0, rank).Aggregate(x[0].alias(), (y, i) => Along(node, y, i, all[i], mode));
        };
    }

    private static Tensor Constant(Tensor x, (long Before, long After)[] pads, double value)
    {
        long[] flat = [.. pads.Reverse().SelectMany(pad => new[] { pad.Before, pad.After })];
        return flat.Length == 0
            ? x.alias()
            : functional
                .pad(x.dtype == ScalarType.Bool ? x.to(ScalarType.Byte) : x, flat, PaddingModes.Constant, value)
                .to(x.dtype);
    }

    private static Tensor Along(NodeContext node, Tensor x, int axis, (long Before, long After) pad, string mode)
    {
        if (pad is (0, 0))
        {
            return x;
        }

        long size = x.shape[axis];
        long length = size + pad.Before + pad.After;
        if (size == 0)
        {
            throw node.Refuse($"an axis of size 0 cannot be padded by '{mode}'");
        }

        long[] places = new long[length];
        for (long i = 0; i < length; i++)
        {
            places[i] = Source(i - pad.Before, size, mode);
        }

        using Tensor index = tensor(places, ScalarType.Int64, x.device);
        return x.index_select(axis, index);
    }

    private static long Source(long at, long size, string mode)
    {
        static long Modulo(long a, long b) => ((a % b) + b) % b;

        switch (mode)
        {
            case "edge":
                return Math.Clamp(at, 0, size - 1);
            case "wrap":
                return Modulo(at, size);
            default:
                long period = Math.Max(2 * (size - 1), 1); // forth and back without repeating the ends
                long place = Modulo(at, period);
                return place < size ? place : period - place;
        }
    }
}
