using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// Brings the network's float32 values into the bytes that are kept, and back. A row's bytes depend on its own values
/// alone.
/// </summary>
/// <param name="shape">Of a row: C x H x W for maps, T x F for tokens, F for vectors.</param>
internal sealed class ActivationCodec(ActivationFormat format, IReadOnlyList<long> shape)
{
    private readonly int _length = checked((int)shape.Aggregate(1L, (product, d) => product * d));
    private readonly int _channels = checked(
        (int)(
            shape.Count switch
            {
                3 => shape[0],
                2 => shape[1],
                _ => shape.Aggregate(1L, (product, d) => product * d),
            }
        )
    );

    private Int8Encoding Bytes => new(_length / _channels, _channels);

    /// <summary>That a row takes.</summary>
    public int RowBytes =>
        format switch
        {
            ActivationFormat.Single => _length * sizeof(float),
            ActivationFormat.BFloat16 => _length * sizeof(ushort),
            ActivationFormat.Float16 => HalfEncoding.BytesOf(_length),
            _ => Bytes.RowBytes,
        };

    /// <param name="values">In the network's order.</param>
    /// <param name="target"><see cref="RowBytes"/> bytes.</param>
    /// <exception cref="GraftException">A value is not finite.</exception>
    public void Encode(ReadOnlySpan<float> values, Span<byte> target)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(values)))
        {
            throw new GraftException(
                "'the body' cannot be used: it gives values that are not finite for one of the images; check its "
                    + "weights and its preprocessing"
            );
        }

        if (format == ActivationFormat.Single)
        {
            MemoryMarshal.AsBytes(values).CopyTo(target);
            return;
        }

        float[] rented = ArrayPool<float>.Shared.Rent(_length);
        Span<float> ordered = rented.AsSpan(0, _length);
        Order(values, ordered);
        switch (format)
        {
            case ActivationFormat.BFloat16:
                Round(ordered, MemoryMarshal.Cast<byte, ushort>(target));
                break;
            case ActivationFormat.Float16:
                HalfEncoding.Write(ordered, target);
                break;
            default:
                Bytes.Write(ordered, target);
                break;
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>The values of a row of float16 or bytes, in the order in which they are kept.</summary>
    public void Decode(ReadOnlySpan<byte> row, Span<float> values)
    {
        if (format == ActivationFormat.Float16)
        {
            HalfEncoding.Read(row, values);
        }
        else
        {
            Bytes.Read(row, values);
        }
    }

    /// <summary>To bfloat16, to nearest even.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<ushort> rounded)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (int i = 0; i < bits.Length; i++)
        {
            rounded[i] = (ushort)((bits[i] + 0x7fff + ((bits[i] >> 16) & 1)) >> 16);
        }
    }

    /// <summary>From bfloat16, exactly.</summary>
    public static void Widen(ReadOnlySpan<ushort> rounded, Span<float> values)
    {
        for (int i = 0; i < rounded.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)rounded[i] << 16);
        }
    }

    // Maps from C, H, W to H, W, C; all else is as it was.
    private void Order(ReadOnlySpan<float> values, Span<float> ordered)
    {
        if (shape.Count != 3)
        {
            values.CopyTo(ordered);
            return;
        }

        int positions = _length / _channels;
        for (int c = 0; c < _channels; c++)
        {
            ReadOnlySpan<float> channel = values.Slice(c * positions, positions);
            for (int p = 0; p < positions; p++)
            {
                ordered[(p * _channels) + c] = channel[p];
            }
        }
    }
}
