using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>
/// Strides, dilations and paddings of a convolution or pooling node, with the arithmetic that ONNX defines for them.
/// </summary>
internal sealed class Window
{
    private readonly NodeContext _node;
    private readonly string _autoPad;
    private readonly bool _ceil;
    private readonly long[]? _strides;
    private readonly long[]? _dilations;
    private readonly long[]? _pads;

    public Window(NodeContext node)
    {
        _node = node;
        _autoPad = node.Choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
        _ceil = node.Flag("ceil_mode");
        _strides = Positive("strides");
        _dilations = Positive("dilations");
        Kernel = Positive("kernel_shape");
        _pads = node.Ints("pads");
        if (_pads is not null && _pads.Any(pad => pad is < 0 or > int.MaxValue))
        {
            throw node.Refuse(
                $"pads are [{string.Join(',', _pads)}], and a window's paddings are never negative; "
                    + "export the network again"
            );
        }
    }

    /// <summary>The attribute kernel_shape; null if it is left out.</summary>
    public long[]? Kernel { get; }

    /// <summary>Position of the windows along one axis of an input.</summary>
    /// <param name="Before">Padding before the first value.</param>
    /// <param name="After">Padding after the last value, as the node declares it.</param>
    /// <param name="Output">Number of windows.</param>
    public readonly record struct Axis(
        long Input,
        long Kernel,
        long Stride,
        long Dilation,
        long Before,
        long After,
        long Output
    )
    {
        /// <summary>
        /// Padded length that the windows reach. It is less than the whole if the last stride does not fit, and more if
        /// ceil_mode lets the last window stand over.
        /// </summary>
        public long Reach => ((Output - 1) * Stride) + Extent;

        public long Extent => ((Kernel - 1) * Dilation) + 1;

        /// <summary>Whether PyTorch's own padding and rounding lead to the same windows.</summary>
        public bool IsPlain => Before == After && Output == ((Input + Before + After - Extent) / Stride) + 1;
    }

    /// <summary>Positions the windows over an input [N,C,...].</summary>
    public Axis[] Over(Tensor input, IReadOnlyList<long> kernel)
    {
        int rank = kernel.Count;
        if (rank is < 1 or > 3 || input.dim() != rank + 2)
        {
            throw _node.Refuse(
                $"the input has {input.dim()} dimensions and the kernel {rank}; "
                    + "only 1 to 3 dimensions after N,C are supported"
            );
        }

        Axis[] axes = new Axis[rank];
        for (int i = 0; i < rank; i++)
        {
            long size = input.shape[i + 2];
            axes[i] = Lay(
                size,
                kernel[i],
                At(_strides, i, rank, 1),
                At(_dilations, i, rank, 1),
                At(_pads, i, 2 * rank, 0),
                At(_pads, i + rank, 2 * rank, 0)
            );
        }

        _node.CheckSize([input.shape[0], input.shape[1], .. axes.Select(axis => axis.Reach + axis.Stride)]);
        return axes;
    }

    public long Stride(int axis, int rank) => At(_strides, axis, rank, 1);

    public long Dilation(int axis, int rank) => At(_dilations, axis, rank, 1);

    public string AutoPad => _autoPad;

    public (long Before, long After) Pads(int axis, int rank) =>
        (At(_pads, axis, 2 * rank, 0), At(_pads, axis + rank, 2 * rank, 0));

    private Axis Lay(long size, long kernel, long stride, long dilation, long before, long after)
    {
        long extent = ((kernel - 1) * dilation) + 1;
        long output;
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER")
        {
            output = (size + stride - 1) / stride;
            long total = Math.Max(((output - 1) * stride) + extent - size, 0);
            before = _autoPad == "SAME_UPPER" ? total / 2 : total - (total / 2);
            return new Axis(size, kernel, stride, dilation, before, total - before, output);
        }

        (before, after) = _autoPad == "VALID" ? (0, 0) : (before, after);
        long room = size + before + after - extent;
        if (room < 0)
        {
            throw _node.Refuse(
                $"its window spans {extent} values and the padded input has {size + before + after}; use larger images"
            );
        }

        output = (_ceil ? (room + stride - 1) / stride : room / stride) + 1;
        if (_ceil && (output - 1) * stride >= size + before)
        {
            output--; // ONNX and PyTorch do not count a window that starts in the padding after the input
        }

        return new Axis(size, kernel, stride, dilation, before, after, output);
    }

    private long At(long[]? values, int index, int count, long otherwise)
    {
        if (values is null || values.Length == 0)
        {
            return otherwise;
        }

        return values.Length == count
            ? values[index]
            : throw _node.Refuse(
                $"an attribute has {values.Length} values where {count} are needed; export the network again"
            );
    }

    private long[]? Positive(string name)
    {
        long[]? values = _node.Ints(name);
        return values is null || values.All(value => value is > 0 and <= int.MaxValue)
            ? values
            : throw _node.Refuse(
                $"{name} is [{string.Join(',', values)}], and all must be positive; export the network again"
            );
    }
}
