using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// Encodes the network's float32 values as they are stored, and decodes them. A row's bytes depend only on its own
/// values.
/// </summary>
/// <param name="shape">Shape of a row: C x H x W for maps, T x F for tokens, F for vectors.</param>
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

    /// <summary>Size of an encoded row in bytes.</summary>
    public int RowBytes =>
        format switch
        {
            ActivationFormat.Single => _length * sizeof(float),
            ActivationFormat.BFloat16 => _length * sizeof(ushort),
            ActivationFormat.Float16 => HalfEncoding.BytesOf(_length),
            _ => Bytes.RowBytes,
        };

    /// <param name="values">The values of a row in the network's order.</param>
    /// <param name="target">Receives <see cref="RowBytes"/> bytes.</param>
    /// <exception cref="GraftException">A value is not finite.</exception>
    public void Encode(ReadOnlySpan<float> values, Span<byte> target)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(values)))
        {
            throw new GraftException(
                "'the body' cannot be used: its values for an image are not finite; "
                    + "check its weights and its input transform"
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

    /// <summary>Decodes a row of float16 or int8 values, in the order in which they are stored.</summary>
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

    /// <summary>Rounds values to bfloat16, to nearest even.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<ushort> rounded)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (int i = 0; i < bits.Length; i++)
        {
            rounded[i] = (ushort)((bits[i] + 0x7fff + ((bits[i] >> 16) & 1)) >> 16);
        }
    }

    /// <summary>Widens bfloat16 values, which is exact.</summary>
    public static void Widen(ReadOnlySpan<ushort> rounded, Span<float> values)
    {
        for (int i = 0; i < rounded.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)rounded[i] << 16);
        }
    }

    // Maps go from C, H, W to H, W, C. Other shapes stay.
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
