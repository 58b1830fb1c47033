using System.Runtime.InteropServices;

namespace Graft.Training.Weights;

/// <summary>Copies a strided view (transposed, stepped or expanded) into row-major order.</summary>
internal static class StridedCopy
{
    /// <summary>Copies a view.</summary>
    /// <param name="source">Bytes from the view's first element to its last or further.</param>
    /// <param name="target">Room for all elements of the view.</param>
    /// <param name="shape">Shape of the view.</param>
    /// <param name="strides">Steps in elements, one for each dimension.</param>
    /// <param name="elementSize">Size of an element in bytes: 1, 2, 4 or 8.</param>
    public static void Gather(
        ReadOnlySpan<byte> source,
        Span<byte> target,
        long[] shape,
        long[] strides,
        int elementSize
    )
    {
        if (target.IsEmpty)
        {
            return;
        }

        switch (elementSize)
        {
            case 1:
                Gather<byte>(source, target, shape, strides);
                break;
            case 2:
                Gather<ushort>(source, target, shape, strides);
                break;
            case 4:
                Gather<uint>(source, target, shape, strides);
                break;
            default:
                Gather<ulong>(source, target, shape, strides);
                break;
        }
    }

    /// <summary>
    /// Visits the rows in row-major order, like an odometer whose digits step by the strides. Rows are copied in
    /// groups: where the elements of a row are far apart, as in a transposed matrix, a cache line then serves all rows
    /// of a group.
    /// </summary>
    private static void Gather<T>(ReadOnlySpan<byte> sourceBytes, Span<byte> targetBytes, long[] shape, long[] strides)
        where T : unmanaged
    {
        const int Group = 32;
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(sourceBytes);
        Span<T> target = MemoryMarshal.Cast<byte, T>(targetBytes);
        int rowLength = shape.Length == 0 ? 1 : (int)shape[^1];
        long rowStride = shape.Length == 0 ? 1 : strides[^1];
        long[] digits = new long[Math.Max(0, shape.Length - 1)];
        Span<int> starts = stackalloc int[Group];
        long at = 0;
        for (int row = 0; row < target.Length / rowLength;)
        {
            int count = Math.Min(Group, (target.Length / rowLength) - row);
            for (int i = 0; i < count; i++)
            {
                starts[i] = (int)at;
                at = Next(at, digits, shape, strides);
            }

            CopyRows(source, target.Slice(row * rowLength, count * rowLength), starts[..count], rowLength, rowStride);
            row += count;
        }
    }

    private static void CopyRows<T>(
        ReadOnlySpan<T> source,
        Span<T> target,
        ReadOnlySpan<int> starts,
        int rowLength,
        long rowStride
    )
    {
        for (int column = 0; column < rowLength; column++)
        {
            int offset = (int)(column * rowStride);
            for (int i = 0; i < starts.Length; i++)
            {
                target[(i * rowLength) + column] = source[starts[i] + offset];
            }
        }
    }

    /// <summary>The start of the next row. There is one digit for each dimension but the last.</summary>
    private static long Next(long at, long[] digits, long[] shape, long[] strides)
    {
        for (int d = digits.Length - 1; d >= 0; d--)
        {
            at += strides[d];
            if (++digits[d] < shape[d])
            {
                break;
            }

            at -= strides[d] * shape[d];
            digits[d] = 0;
        }

        return at;
    }
}
