using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// A row in 16 bits a value: float16, which has three more bits of mantissa, or bfloat16 where float16's range is too
/// small for the row.
/// </summary>
internal static class HalfEncoding
{
    /// <summary>
    /// Below it float16 loses bits; a row that lies there as a whole would be kept worse than in bfloat16.
    /// </summary>
    private const float LeastNormal = 6.103515625e-5f;
    private const float Largest = 65504;
    private const ushort IsHalf = 0;
    private const ushort IsBFloat16 = 1;

    /// <summary>Of a row of so many values and its flag.</summary>
    public static int BytesOf(int length) => (length + 1) * sizeof(ushort);

    /// <param name="target">The values and, last, the flag.</param>
    public static void Write(ReadOnlySpan<float> values, Span<byte> target)
    {
        Span<ushort> kept = MemoryMarshal.Cast<byte, ushort>(target);
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
        // by the row's own values: never by those of others
        bool isHalf = largest is 0 or (>= LeastNormal and <= Largest);
        kept[values.Length] = isHalf ? IsHalf : IsBFloat16;
        if (isHalf)
        {
            TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<ushort, Half>(kept[..values.Length]));
        }
        else
        {
            ActivationCodec.Round(values, kept);
        }
    }

    public static void Read(ReadOnlySpan<byte> row, Span<float> values)
    {
        ReadOnlySpan<ushort> kept = MemoryMarshal.Cast<byte, ushort>(row);
        if (kept[values.Length] == IsHalf)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(kept[..values.Length]), values);
        }
        else
        {
            ActivationCodec.Widen(kept[..values.Length], values);
        }
    }
}
