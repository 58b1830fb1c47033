using System.Buffers;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Graft.Torch;

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

/// <summary>Sums over images and positions, one block of channels at a time.</summary>
internal sealed unsafe class DepthwiseSum
{
    private static readonly int s_half = Vector<float>.Count;
    private static readonly int s_block = 2 * s_half;

    private readonly Tensor _inputs; // kept alive while the pointers are in use
    private readonly Tensor _slopes;
    private readonly byte* _input;
    private readonly byte* _slope;
    private readonly bool _isHalf;
    private readonly int _images,
        _height,
        _width,
        _channels,
        _outHeight,
        _outWidth,
        _paddedHeight,
        _paddedWidth;
    private readonly DepthwiseGeometry _geometry;

    /// <param name="inputs">Inputs [N,H,W,C], contiguous, bfloat16 or float32.</param>
    /// <param name="slopes">Output gradients [N,OH,OW,C], contiguous, of the same type.</param>
    /// <param name="geometry">Position of the convolution's windows.</param>
    public DepthwiseSum(Tensor inputs, Tensor slopes, DepthwiseGeometry geometry)
    {
        (_inputs, _slopes, _geometry) = (inputs, slopes, geometry);
        (_images, _height, _width, _channels) = (
            (int)inputs.shape[0],
            (int)inputs.shape[1],
            (int)inputs.shape[2],
            (int)inputs.shape[3]
        );
        (_outHeight, _outWidth) = ((int)slopes.shape[1], (int)slopes.shape[2]);
        _paddedHeight =
            ((_outHeight - 1) * (int)geometry.Strides[0])
            + ((geometry.KernelHeight - 1) * (int)geometry.Dilations[0])
            + 1;
        _paddedWidth =
            ((_outWidth - 1) * (int)geometry.Strides[1])
            + ((geometry.KernelWidth - 1) * (int)geometry.Dilations[1])
            + 1;
        _isHalf = inputs.dtype == ScalarType.BFloat16;
        fixed (
            byte* input = inputs.bytes,
                slope = slopes.bytes
        ) // the garbage collector does not move libtorch's memory
        {
            _input = input;
            _slope = slope;
        }

        Values = new float[geometry.KernelHeight * geometry.KernelWidth * _channels];
    }

    /// <summary>The kernel gradient, [KH*KW,C].</summary>
    public float[] Values { get; }

    public int BlockCount => (_channels + s_block - 1) / s_block;

    /// <summary>Sums one block of channels, image by image.</summary>
    public void Add(int block)
    {
        int first = block * s_block;
        int lanes = Math.Min(s_block, _channels - first);
        int taps = _geometry.KernelHeight * _geometry.KernelWidth;
        float[] padded = ArrayPool<float>.Shared.Rent(_paddedHeight * _paddedWidth * s_block);
        float[] slopes = ArrayPool<float>.Shared.Rent(_outHeight * _outWidth * s_block);
        float[] sums = ArrayPool<float>.Shared.Rent(taps * s_block);
        padded.AsSpan().Clear();
        slopes.AsSpan().Clear();
        sums.AsSpan().Clear();
        try
        {
            (int top, int left) = ((int)_geometry.Pads[0], (int)_geometry.Pads[1]);
            fixed (
                float* x = padded,
                    d = slopes,
                    sum = sums
            )
            {
                for (int n = 0; n < _images; n++)
                {
                    Load(_input, n, _height, _width, first, lanes, x, _paddedHeight, _paddedWidth, top, left);
                    Load(_slope, n, _outHeight, _outWidth, first, lanes, d, _outHeight, _outWidth, 0, 0);
                    AddImage(x, d, sum);
                }
            }

            for (int tap = 0; tap < taps; tap++)
            {
                sums.AsSpan(tap * s_block, lanes).CopyTo(Values.AsSpan((tap * _channels) + first));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(padded);
            ArrayPool<float>.Shared.Return(slopes);
            ArrayPool<float>.Shared.Return(sums);
            GC.KeepAlive(_inputs);
            GC.KeepAlive(_slopes);
        }
    }

    private void AddImage(float* x, float* d, float* sum)
    {
        int rowStep = (int)_geometry.Strides[0] * _paddedWidth * s_block,
            columnStep = (int)_geometry.Strides[1] * s_block;
        for (int ky = 0; ky < _geometry.KernelHeight; ky++)
        {
            for (int kx = 0; kx < _geometry.KernelWidth; kx++, sum += s_block)
            {
                float* corner =
                    x
                    + (
                        (((ky * (int)_geometry.Dilations[0]) * _paddedWidth) + (kx * (int)_geometry.Dilations[1]))
                        * s_block
                    );
                Vector<float> low = Vector.Load(sum),
                    high = Vector.Load(sum + s_half);
                float* slope = d;
                for (int y = 0; y < _outHeight; y++)
                {
                    float* place = corner + (y * rowStep);
                    for (int column = 0; column < _outWidth; column++, place += columnStep, slope += s_block)
                    {
                        low = Vector.FusedMultiplyAdd(Vector.Load(place), Vector.Load(slope), low);
                        high = Vector.FusedMultiplyAdd(Vector.Load(place + s_half), Vector.Load(slope + s_half), high);
                    }
                }

                low.Store(sum);
                high.Store(sum + s_half);
            }
        }
    }

    // Copies a block of channels of one image as float32 to its position among the zeros, without the values that no
    // window reaches.
    private void Load(
        byte* source,
        int image,
        int height,
        int width,
        int first,
        int lanes,
        float* target,
        int rows,
        int columns,
        int top,
        int left
    )
    {
        for (int y = Math.Max(0, -top); y < Math.Min(height, rows - top); y++)
        {
            for (int column = Math.Max(0, -left); column < Math.Min(width, columns - left); column++)
            {
                long from = (((((long)image * height) + y) * width) + column) * _channels + first;
                float* to = target + ((((y + top) * columns) + column + left) * s_block);
                if (!_isHalf)
                {
                    new ReadOnlySpan<float>((float*)source + from, lanes).CopyTo(new Span<float>(to, lanes));
                }
                else if (lanes == s_block)
                {
                    Vector.Widen(Vector.Load((ushort*)source + from), out Vector<uint> low, out Vector<uint> high);
                    Vector.ShiftLeft(low, 16).As<uint, float>().Store(to);
                    Vector.ShiftLeft(high, 16).As<uint, float>().Store(to + s_half);
                }
                else
                {
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        to[lane] = BitConverter.UInt32BitsToSingle((uint)((ushort*)source)[from + lane] << 16);
                    }
                }
            }
        }
    }
}
