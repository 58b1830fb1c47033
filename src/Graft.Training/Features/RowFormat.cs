using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Features;

/// <summary>How the values of a row are kept.</summary>
internal enum RowFormat
{
    /// <summary>float32, in the network's order: features and probabilities.</summary>
    Single,

    /// <summary>bfloat16, rounded to nearest even (float32's range, so that no activation overflows); a map of C x H x W in the order H, W, C: a batch is then a channels-last tensor without a copy.</summary>
    BFloat16,
}

/// <summary>Brings the network's float32 values into the bytes that are kept.</summary>
internal static class RowCodec
{
    public static int BytesOf(RowFormat format, int length) => length * (format == RowFormat.Single ? sizeof(float) : sizeof(ushort));

    /// <param name="values">In the order C, H, W.</param>
    /// <param name="shape">Of the row.</param>
    /// <param name="target"><see cref="BytesOf"/> bytes.</param>
    /// <exception cref="GraftException">A value is not finite.</exception>
    public static void Encode(RowFormat format, IReadOnlyList<long> shape, ReadOnlySpan<float> values, Span<byte> target)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(values)))
        {
            throw new GraftException("'the body' cannot be used: it gives values that are not finite for one of the images; check its weights and its preprocessing");
        }

        if (format == RowFormat.Single)
        {
            MemoryMarshal.AsBytes(values).CopyTo(target);
            return;
        }

        Span<ushort> rounded = MemoryMarshal.Cast<byte, ushort>(target);
        int channels = shape.Count == 3 ? (int)shape[0] : 1;
        int positions = values.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values.Slice(c * positions, positions));
            for (int p = 0; p < positions; p++)
            {
                rounded[(p * channels) + c] = (ushort)((bits[p] + 0x7fff + ((bits[p] >> 16) & 1)) >> 16);
            }
        }
    }
}
