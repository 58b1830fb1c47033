using System.Buffers;
using System.Numerics;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

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
