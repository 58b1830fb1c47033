using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// Stores a row with 16 bits for each value: as float16, which has three more bits of mantissa, or as bfloat16 where
/// the row exceeds float16's range.
/// </summary>
internal static class HalfEncoding
{
    /// <summary>Smallest normal float16. A row below it would lose more bits in float16 than in bfloat16.</summary>
    private const float LeastNormal = 6.103515625e-5f;
    private const float Largest = 65504;
    private const ushort IsHalf = 0;
    private const ushort IsBFloat16 = 1;

    /// <summary>Size of a row and its flag, in bytes.</summary>
    public static int BytesOf(int length) => (length + 1) * sizeof(ushort);

    /// <param name="target">Receives the values, then the flag.</param>
    public static void Write(ReadOnlySpan<float> values, Span<byte> target)
    {
        Span<ushort> kept = MemoryMarshal.Cast<byte, ushort>(target);
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
        // decided by the row's own values only
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
