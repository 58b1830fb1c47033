using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>MaxPool with its optional second output, the indices of the maxima.</summary>
internal static class MaxPool
{
    public static Kernel Make(NodeContext node)
    {
        Window window = new(node);
        bool isColumnMajor = node.Flag("storage_order");
        long[] kernel = window.Kernel ?? throw node.Refuse("kernel_shape is missing; export the network again");
        return x =>
        {
            Tensor input = x[0];
            Window.Axis[] axes = window.Over(input, kernel);
            bool isPlain = axes.All(a => a.IsPlain && a.Before * 2 <= a.Kernel);
            // integers below 2^24 stay exact
            Tensor floats = input.is_floating_point() ? input : input.to(ScalarType.Float32);
            Tensor padded = isPlain ? floats : ConvolutionOperators.PadTo(floats, axes, double.NegativeInfinity);
            long[] pads = [.. axes.Select(a => isPlain ? a.Before : 0)];
            if (!node.HasOutput(1))
            {
                return [Back(Pool(padded, axes, pads), input)];
            }

            (Tensor values, Tensor places) = PoolWithPlaces(padded, axes, pads);
            return [Back(values, input), Flat(places, input, axes, padded, isPlain, isColumnMajor)];
        };
    }

    private static Tensor Back(Tensor pooled, Tensor input) =>
        pooled.dtype == input.dtype ? pooled : pooled.to(input.dtype);

    private static Tensor Pool(Tensor x, Window.Axis[] axes, long[] pads)
    {
        (long[] kernel, long[] strides, long[] dilations) = Split(axes);
        return axes.Length switch
        {
            1 => functional.max_pool1d(x, kernel[0], strides[0], pads[0], dilations[0]),
            2 => functional.max_pool2d(x, kernel, strides, pads, dilations),
            _ => functional.max_pool3d(x, kernel, strides, pads, dilations),
        };
    }

    private static (Tensor Values, Tensor Places) PoolWithPlaces(Tensor x, Window.Axis[] axes, long[] pads)
    {
        (long[] kernel, long[] strides, long[] dilations) = Split(axes);
        return axes.Length switch
        {
            1 => functional.max_pool1d_with_indices(x, kernel[0], strides[0], pads[0], dilations[0]),
            2 => functional.max_pool2d_with_indices(x, kernel, strides, pads, dilations),
            _ => functional.max_pool3d_with_indices(x, kernel, strides, pads, dilations),
        };
    }

    private static (long[] Kernel, long[] Strides, long[] Dilations) Split(Window.Axis[] axes) =>
        ([.. axes.Select(a => a.Kernel)], [.. axes.Select(a => a.Stride)], [.. axes.Select(a => a.Dilation)]);

    // PyTorch numbers positions within one padded plane, ONNX within the whole unpadded input.
    private static Tensor Flat(
        Tensor places,
        Tensor input,
        Window.Axis[] axes,
        Tensor padded,
        bool isPlain,
        bool isColumnMajor
    )
    {
        Tensor rest = places,
            place = zeros_like(places);
        long step = 1;
        Tensor[] coordinates = new Tensor[axes.Length];
        for (int i = axes.Length - 1; i >= 0; i--)
        {
            long size = padded.shape[i + 2];
            coordinates[i] = rest.remainder(Held(size)).Plus(isPlain ? 0 : -axes[i].Before);
            rest = rest.div(Held(size), RoundingMode.trunc);
        }

        foreach (int i in isColumnMajor ? Enumerable.Range(0, axes.Length) : Enumerable.Range(0, axes.Length).Reverse())
        {
            place = place.Plus(coordinates[i].Times(step));
            step *= axes[i].Input;
        }

        using Tensor planes = Indices(input.shape[0] * input.shape[1], input.device);
        return place.Plus(planes.reshape([input.shape[0], input.shape[1], .. axes.Select(_ => 1L)]).Times(step));
    }
}
