using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>Pooling over windows and over the whole plane.</summary>
internal static class PoolingOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("pooling")
            .AddMany("MaxPool", MaxPool.Make, "1 to 3 spatial dimensions")
            .Add("AveragePool", Average, "1 to 3 spatial dimensions")
            .Add("LpPool", Lp, "1 to 3 spatial dimensions")
            .Add("GlobalAveragePool", x => WidePrecision.Of(x).mean(Plane(x), keepdim: true))
            .Add("GlobalMaxPool", x => Plane(x) is { Length: > 0 } plane ? x.amax(plane, keepdim: true) : x.alias())
            .Add("GlobalLpPool", GlobalLp);

    private static long[] Plane(Tensor x) =>
        [.. Enumerable.Range(2, Math.Max((int)x.dim() - 2, 0)).Select(i => (long)i)];

    private static SingleKernel Average(NodeContext node)
    {
        Window window = new(node);
        bool countsPadding = node.Flag("count_include_pad");
        long[] kernel = window.Kernel ?? throw node.Refuse("kernel_shape is missing; export the network again");
        return x =>
        {
            Tensor input = x[0];
            Window.Axis[] axes = window.Over(input, kernel);
            if (axes.All(a => a.IsPlain && a.Dilation == 1 && a.Before * 2 <= a.Kernel))
            {
                return Mean(input, axes, [.. axes.Select(a => a.Before)], countsPadding);
            }

            using Tensor counts = Counts(axes, countsPadding, input.device);
            return Sum(WidePrecision.Of(input), axes) / counts;
        };
    }

    private static SingleKernel Lp(NodeContext node)
    {
        Window window = new(node);
        double p = Power(node);
        long[] kernel = window.Kernel ?? throw node.Refuse("kernel_shape is missing; export the network again");
        return x =>
        {
            Tensor input = x.Wide(0);
            return Sum(input.abs().pow(Held(p)), window.Over(input, kernel)).pow(Held(1 / p));
        };
    }

    private static SingleKernel GlobalLp(NodeContext node)
    {
        double p = Power(node);
        return x =>
        {
            Tensor input = x.Wide(0);
            return input.abs().pow(Held(p)).sum(Plane(input), keepdim: true).pow(Held(1 / p));
        };
    }

    private static double Power(NodeContext node)
    {
        // LpPool-1 stores p as a float.
        double p = node.Opset < 2 ? node.Float("p", 2) : node.Int("p", 2);
        return p > 0 ? p : throw node.Refuse($"p is {p}; export the network again");
    }

    private static Tensor Mean(Tensor input, Window.Axis[] axes, long[] pads, bool countsPadding)
    {
        long[] kernel = [.. axes.Select(a => a.Kernel)];
        long[] strides = [.. axes.Select(a => a.Stride)];
        return axes.Length switch
        {
            1 => functional.avg_pool1d(input, kernel[0], strides[0], pads[0], false, countsPadding),
            2 => functional.avg_pool2d(input, kernel, strides, pads, false, countsPadding),
            _ => functional.avg_pool3d(input, kernel, strides, pads, false, countsPadding),
        };
    }

    /// <summary>Returns the sum over each window. Padding counts as 0.</summary>
    private static Tensor Sum(Tensor input, Window.Axis[] axes)
    {
        Tensor padded = ConvolutionOperators.PadTo(input, axes, 0);
        if (axes.All(a => a.Dilation == 1))
        {
            return Mean(padded, axes, new long[axes.Length], true)
                .Times(axes.Aggregate(1.0, (product, a) => product * a.Kernel));
        }

        // PyTorch has no dilated sum. This adds, axis by axis, one shifted slice per position in the window.
        for (int axis = 0; axis < axes.Length; axis++)
        {
            Window.Axis a = axes[axis];
            Tensor source = padded;
            padded = Enumerable
                .Range(0, checked((int)a.Kernel))
                .Select(k =>
                    source.slice(axis + 2, k * a.Dilation, (k * a.Dilation) + ((a.Output - 1) * a.Stride) + 1, a.Stride)
                )
                .Aggregate((sum, slice) => sum.Plus(slice));
        }

        return padded;
    }

    /// <summary>
    /// Returns how many values each window averages, a product over the axes. Windows that ceil_mode lets stand over
    /// count only values inside input and pads.
    /// </summary>
    private static Tensor Counts(Window.Axis[] axes, bool countsPadding, Device device)
    {
        Tensor counts = ones(1, device: device);
        foreach (Window.Axis a in axes)
        {
            (long first, long end) = countsPadding ? (-a.Before, a.Input + a.After) : (0, a.Input);
            float[] line = new float[a.Output];
            for (long o = 0; o < a.Output; o++)
            {
                long start = (o * a.Stride) - a.Before;
                line[o] = Enumerable
                    .Range(0, (int)a.Kernel)
                    .Count(k => start + (k * a.Dilation) >= first && start + (k * a.Dilation) < end);
            }

            counts = counts.unsqueeze(-1) * AlignedTensor.Of(line).to(device);
        }

        return counts;
    }
}
