using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Graft.Torch.Operators;

/// <summary>
/// Kernel gradient of a depthwise convolution larger than 3 x 3, for which libtorch (oneDNN) has no fast code. It would
/// take more than half of a training step of EfficientNet-Lite0's last stages (docs/results.md). The convolution and
/// its input gradient stay libtorch's.
/// </summary>
internal static class DepthwiseGradient
{
    private const int LargestOfLibrary = 3; // up to this kernel oneDNN has fast code

    /// <summary>Whether a kernel gradient is needed and this code computes it faster than libtorch.</summary>
    /// <param name="input">[N,C,H,W].</param>
    /// <param name="weight">[M,C/groups,KH,KW].</param>
    public static bool Applies(Tensor input, Tensor weight, long groups) =>
        groups > 1
        && weight.dim() == 4
        && weight.shape[0] == groups
        && weight.shape[1] == 1
        && weight.shape[2..].Max() > LargestOfLibrary
        && weight.requires_grad
        && is_grad_enabled()
        && input.device_type == DeviceType.CPU
        && input.dtype is ScalarType.BFloat16 or ScalarType.Float32;

    /// <summary>Connects the convolution's output to kernel and bias, so that gradients reach them.</summary>
    /// <param name="output">
    /// Output [N,C,OH,OW], computed with kernel and bias detached, because oneDNN computes both gradients or neither.
    /// </param>
    /// <param name="weight">Kernel, [C,1,KH,KW].</param>
    /// <param name="bias">Bias [C], or null.</param>
    /// <param name="input">Input of the convolution, [N,C,H,W].</param>
    /// <param name="geometry">Position of the convolution's windows.</param>
    public static Tensor Attach(Tensor output, Tensor weight, Tensor? bias, Tensor input, DepthwiseGeometry geometry) =>
        bias is null
            ? Connection.apply(output, weight, input.detach(), geometry)
            : Connection.apply(output, weight, input.detach(), geometry, bias);

    /// <summary>
    /// Computes the kernel gradient: the sum over images and positions of input times output gradient. Its bits do not
    /// depend on the number of threads.
    /// </summary>
    /// <param name="input">Input [N,C,H,W], bfloat16 or float32.</param>
    /// <param name="slope">Output gradient [N,C,OH,OW] of the same type.</param>
    /// <param name="geometry">Position of the convolution's windows.</param>
    /// <returns>Kernel gradient [C,1,KH,KW], float32.</returns>
    internal static Tensor Of(Tensor input, Tensor slope, DepthwiseGeometry geometry)
    {
        using DisposeScope scope = NewDisposeScope();
        DepthwiseSum sum = new(Rows(input), Rows(slope.to(input.dtype)), geometry);
        Parallel.For(
            0,
            sum.BlockCount,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, get_num_threads()) },
            sum.Add
        );
        return AlignedTensor
            .Of(sum.Values, [geometry.KernelHeight * geometry.KernelWidth, input.shape[1]]) // [KH*KW,C]
            .t()
            .reshape(input.shape[1], 1, geometry.KernelHeight, geometry.KernelWidth)
            .MoveToOuterDisposeScope();
    }

    // [N,H,W,C] contiguous. For channels-last tensors it is a view.
    private static Tensor Rows(Tensor x) => x.permute(0, 2, 3, 1).contiguous();

    private sealed class Connection : SingleTensorFunction<Connection>
    {
        public override string Name => nameof(DepthwiseGradient);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[2]]);
            ctx.save_data("geometry", vars[3]);
            ctx.save_data("bias", vars.Length > 4);
            return ((Tensor)vars[0]).alias();
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            using Tensor input = ctx.get_saved_variables()[0];
            List<Tensor> gradients =
            [
                grad_output.alias(),
                Of(input, grad_output, (DepthwiseGeometry)ctx.get_data("geometry")),
                null!,
                null!,
            ];
            if ((bool)ctx.get_data("bias"))
            {
                gradients.Add(grad_output.sum([0L, 2, 3], type: ScalarType.Float32));
            }

            return gradients;
        }
    }
}

/// <summary>
/// Position of a depthwise convolution's windows: zeros before the first row and column, and steps between windows and
/// between taps.
/// </summary>
internal sealed record DepthwiseGeometry(
    int KernelHeight,
    int KernelWidth,
    long[] Strides,
    long[] Pads,
    long[] Dilations
);
