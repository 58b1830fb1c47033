namespace Graft.Training.Weights;

/// <summary>
/// Turns Keras's kernels (height, width, in, out; dense: in, out) into the order of ONNX and PyTorch (out, in, height,
/// width; out, in).
/// </summary>
internal static class KerasKernels
{
    /// <summary>
    /// <paramref name="tensor"/> in the shape <paramref name="expected"/>; null where no kernel of that shape can be
    /// made of it. The shape tells a
    /// depthwise kernel ([H,W,C,M] to [C*M,1,H,W]) from a full one ([H,W,I,O] to [O,I,H,W]): they are the same where
    /// both fit.
    /// A dense kernel also fits a 1x1 convolution, and the other way round.
    /// </summary>
    public static WeightTensor? ToOnnx(WeightTensor tensor, IReadOnlyList<long> expected)
    {
        long[] shape = [.. tensor.Shape];
        long[]? order = shape switch
        {
            [var h, var w, var i, var o] when expected.SequenceEqual([o, i, h, w]) => [3, 2, 0, 1],
            [var h, var w, var c, var m] when expected.SequenceEqual([c * m, 1, h, w]) => [2, 3, 0, 1],
            [1, 1, var i, var o] when expected.SequenceEqual([o, i]) => [3, 2, 0, 1],
            [var i, var o] when expected.SequenceEqual([o, i]) || expected.SequenceEqual([o, i, 1, 1]) => [1, 0],
            _ => null,
        };
        if (order is null)
        {
            return shape.Length < 2 && expected.SequenceEqual(shape) ? tensor : null;
        }

        long[] strides = RowMajorStrides(shape);
        return View(tensor, [.. order.Select(d => shape[d])], [.. order.Select(d => strides[d])], expected);
    }

    /// <summary>
    /// A dense kernel [H*W*C, O] whose input was flattened from height, width, channels, with its rows in the order
    /// channels, height, width: PyTorch
    /// and ONNX flatten so. The tensor as it is, where its rows are no multiple of <paramref name="height"/> x
    /// <paramref name="width"/>.
    /// </summary>
    public static WeightTensor WithRowsChannelsFirst(WeightTensor tensor, long height, long width)
    {
        if (tensor.Shape is not [var rows, var columns] || rows == 0 || rows % (height * width) != 0)
        {
            return tensor;
        }

        long channels = rows / (height * width);
        return View(
            tensor,
            [channels, height, width, columns],
            [columns, width * channels * columns, channels * columns, 1],
            tensor.Shape
        );
    }

    private static WeightTensor View(WeightTensor tensor, long[] shape, long[] strides, IReadOnlyList<long> finalShape)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(tensor.Bytes.Length);
        StridedCopy.Gather(tensor.Bytes.Span, bytes, shape, strides, WeightTensor.SizeOf(tensor.Type));
        return tensor with { Shape = [.. finalShape], Bytes = bytes };
    }

    private static long[] RowMajorStrides(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = step;
            step *= shape[d];
        }

        return strides;
    }
}
