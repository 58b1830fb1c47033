namespace Graft.Training.Weights;

/// <summary>
/// Brings Keras's kernels into the order of ONNX and PyTorch. Convolutions go from height, width, in, out to out, in,
/// height, width; dense layers from in, out to out, in.
/// </summary>
internal static class KerasKernels
{
    /// <summary>Transposes a kernel into the shape that the network expects.</summary>
    /// <remarks>
    /// The shape distinguishes a depthwise kernel ([H,W,C,M] to [C*M,1,H,W]) from a full one ([H,W,I,O] to [O,I,H,W]);
    /// where both fit, the results are equal. A dense kernel also fits a 1x1 convolution, and the other way round.
    /// </remarks>
    /// <returns>The kernel; null where its shape does not fit <paramref name="expected"/>.</returns>
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
    /// Reorders the rows of a dense kernel [H*W*C, O] behind a flattened map from height, width, channels to channels,
    /// height, width, the order in which PyTorch and ONNX flatten.
    /// </summary>
    /// <returns>The kernel; unchanged where its rows are not a multiple of H*W.</returns>
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
