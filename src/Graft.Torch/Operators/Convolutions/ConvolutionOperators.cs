using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>Conv and ConvTranspose in one to three dimensions.</summary>
internal static class ConvolutionOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("convolution")
            .Add("Conv", Conv, "1 to 3 spatial dimensions")
            .Add("ConvTranspose", ConvTranspose, "1 to 3 spatial dimensions");

    private static SingleKernel Conv(NodeContext node)
    {
        Window window = new(node);
        long groups = Groups(node);
        return x =>
        {
            Tensor input = x[0],
                weight = x[1]; // [N,C,...], [M,C/groups,...]
            CheckWeight(node, window, weight, input);
            Window.Axis[] axes = window.Over(input, weight.shape[2..]);
            if (input.shape[1] != weight.shape[1] * groups || weight.shape[0] % groups != 0)
            {
                throw node.Refuse(
                    $"the input has {input.shape[1]} channels, "
                        + $"and a kernel of the shape [{string.Join(',', weight.shape)}] in {groups} groups needs "
                        + $"{weight.shape[1] * groups}"
                );
            }

            bool isPlain = axes.All(axis => axis.Before == axis.After);
            Tensor padded = isPlain ? input : PadTo(input, axes, 0);
            return DepthwiseGradient.Applies(padded, weight, groups)
                ? DepthwiseGradient.Attach(
                    Run(padded, weight.detach(), x.Optional(2)?.detach(), axes, isPlain, groups),
                    x.Master(1),
                    x.Has(2) ? x.Master(2) : null,
                    padded,
                    Geometry(axes, isPlain)
                )
                : Run(padded, weight, x.Optional(2), axes, isPlain, groups);
        };
    }

    private static DepthwiseGeometry Geometry(Window.Axis[] axes, bool isPlain) =>
        new(
            (int)axes[0].Kernel,
            (int)axes[1].Kernel,
            [.. axes.Select(a => a.Stride)],
            [.. axes.Select(a => isPlain ? a.Before : 0)],
            [.. axes.Select(a => a.Dilation)]
        );

    private static Tensor Run(Tensor input, Tensor weight, Tensor? bias, Window.Axis[] axes, bool isPlain, long groups)
    {
        long[] strides = [.. axes.Select(a => a.Stride)];
        long[] dilations = [.. axes.Select(a => a.Dilation)];
        long[] pads = [.. axes.Select(a => isPlain ? a.Before : 0)];
        return axes.Length switch
        {
            1 => functional.conv1d(input, weight, bias, strides[0], pads[0], dilations[0], groups),
            2 => functional.conv2d(input, weight, bias, strides, pads, dilations, groups),
            _ => functional.conv3d(input, weight, bias, strides, pads, dilations, groups),
        };
    }

    /// <summary>Pads or cuts each axis of the input to the values that its windows reach.</summary>
    internal static Tensor PadTo(Tensor input, Window.Axis[] axes, double value)
    {
        long[] pads =
        [
            .. axes.Reverse().SelectMany(axis => new[] { axis.Before, axis.Reach - axis.Before - axis.Input }),
        ];
        return pads.All(pad => pad == 0) ? input : functional.pad(input, pads, PaddingModes.Constant, value);
    }

    private static SingleKernel ConvTranspose(NodeContext node)
    {
        Window window = new(node);
        long groups = Groups(node);
        long[]? outputPadding = node.Ints("output_padding");
        long[]? outputShape = node.Ints("output_shape");
        return x =>
        {
            Tensor input = x[0],
                weight = x[1]; // [N,C,...], [C,M/groups,...]
            CheckWeight(node, window, weight, input);
            int rank = (int)weight.dim() - 2;
            (long Before, long Size)[] crop = new (long, long)[rank];
            for (int i = 0; i < rank; i++)
            {
                crop[i] = Crop(
                    node,
                    window,
                    i,
                    rank,
                    input.shape[i + 2],
                    weight.shape[i + 2],
                    At(outputPadding, i),
                    outputShape
                );
            }

            node.CheckSize([input.shape[0], weight.shape[1] * groups, .. crop.Select(c => c.Size + c.Before)]);
            Tensor full = Transposed(input, weight, window, groups);
            long[] pads =
            [
                .. Enumerable
                    .Range(0, rank)
                    .Reverse()
                    .SelectMany(i => new[] { -crop[i].Before, crop[i].Size + crop[i].Before - full.shape[i + 2] }),
            ];
            Tensor output = functional.pad(full, pads, PaddingModes.Constant, 0);
            return x.Optional(2) is { } bias ? output.Plus(bias.reshape([-1, .. Enumerable.Repeat(1L, rank)])) : output;
        };
    }

    // Padding is a crop of the output, and output_padding adds zeros after it. ONNX's asymmetric forms then need no
    // special case.
    private static (long Before, long Size) Crop(
        NodeContext node,
        Window window,
        int axis,
        int rank,
        long size,
        long kernel,
        long extra,
        long[]? outputShape
    )
    {
        long stride = window.Stride(axis, rank);
        long full = (stride * (size - 1)) + extra + ((kernel - 1) * window.Dilation(axis, rank)) + 1;
        (long before, long after) = window.Pads(axis, rank);
        long? wanted =
            outputShape is { Length: > 0 } ? outputShape[outputShape.Length - rank + axis]
            : window.AutoPad.StartsWith("SAME", StringComparison.Ordinal) ? size * stride
            : null;
        if (window.AutoPad == "VALID")
        {
            (before, after) = (0, 0);
        }

        if (wanted is not null)
        {
            long total = Math.Max(full - wanted.Value, 0);
            before = window.AutoPad == "SAME_UPPER" ? total / 2 : total - (total / 2);
            return (before, wanted.Value);
        }

        return full - before - after > 0
            ? (before, full - before - after)
            : throw node.Refuse("its paddings leave nothing of the output; export the network again");
    }

    private static Tensor Transposed(Tensor input, Tensor weight, Window window, long groups)
    {
        int rank = (int)weight.dim() - 2;
        long[] strides = [.. Enumerable.Range(0, rank).Select(i => window.Stride(i, rank))];
        long[] dilations = [.. Enumerable.Range(0, rank).Select(i => window.Dilation(i, rank))];
        long[] zeros = new long[rank];
        return rank switch
        {
            1 => functional.conv_transpose1d(input, weight, null, strides[0], 0, 0, dilations[0], groups),
            2 => functional.conv_transpose2d(input, weight, null, strides, zeros, zeros, dilations, groups),
            _ => functional.conv_transpose3d(input, weight, null, strides, zeros, zeros, dilations, groups),
        };
    }

    private static long At(long[]? values, int axis) =>
        values is { Length: > 0 } && axis < values.Length ? values[axis] : 0;

    private static void CheckWeight(NodeContext node, Window window, Tensor weight, Tensor input)
    {
        if (weight.dim() is < 3 or > 5 || input.dim() != weight.dim())
        {
            throw node.Refuse(
                $"the input has {input.dim()} dimensions and the kernel {weight.dim()}; "
                    + "only 1 to 3 dimensions after N,C are supported"
            );
        }

        if (weight.shape.Any(size => size == 0) || input.shape[1] == 0)
        {
            throw node.Refuse($"its kernel has the shape [{string.Join(',', weight.shape)}]; export the network again");
        }

        if (window.Kernel is { } kernel && !weight.shape.AsSpan(2).SequenceEqual(kernel))
        {
            throw node.Refuse(
                $"kernel_shape is [{string.Join(',', kernel)}] and the weight has "
                    + $"[{string.Join(',', weight.shape[2..])}]; export the network again"
            );
        }
    }

    private static long Groups(NodeContext node)
    {
        long groups = node.Int("group", 1);
        return groups is > 0 and <= int.MaxValue
            ? groups
            : throw node.Refuse($"group is {groups}; export the network again");
    }
}
