using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Weights;

/// <summary>The element types of weight files.</summary>
internal enum WeightType
{
    Float64,
    Float32,
    Float16,
    BFloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
}

/// <summary>One named tensor of a weight file: contiguous, row-major, little-endian.</summary>
/// <param name="Name">Name in the file, such as "features.0.weight".</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Bytes">The bytes of all elements.</param>
internal sealed record WeightTensor(string Name, WeightType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of elements: 1 for a scalar, 0 where a dimension is 0.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <summary>
    /// Size in bytes of a tensor with this type and shape; null where a dimension is negative or the size is 2^63 or
    /// more.
    /// </summary>
    public static long? ByteCount(WeightType type, IReadOnlyList<long> shape)
    {
        if (shape.Any(dimension => dimension < 0))
        {
            return null;
        }

        if (shape.Contains(0))
        {
            return 0;
        }

        UInt128 bytes = (UInt128)SizeOf(type);
        foreach (long dimension in shape)
        {
            bytes *= (UInt128)dimension; // below 2^63 x 2^63, so it never overflows
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    /// <summary>Size in bytes of one element.</summary>
    public static int SizeOf(WeightType type) =>
        type switch
        {
            WeightType.Float64 or WeightType.Int64 or WeightType.UInt64 => 8,
            WeightType.Float32 or WeightType.Int32 or WeightType.UInt32 => 4,
            WeightType.Float16 or WeightType.BFloat16 or WeightType.Int16 or WeightType.UInt16 => 2,
            _ => 1,
        };

    /// <summary>
    /// A copy of the values as float32 in row-major order. float64 and integers are rounded to the nearest float32.
    /// </summary>
    public float[] ToSingles()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        float[] values = new float[Count];
        switch (Type)
        {
            case WeightType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case WeightType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case WeightType.BFloat16:
                Convert<ushort>(bytes, values, x => BitConverter.UInt32BitsToSingle((uint)x << 16));
                break;
            case WeightType.Float64:
                Convert<double>(bytes, values, x => (float)x);
                break;
            case WeightType.Int64:
                Convert<long>(bytes, values, x => x);
                break;
            case WeightType.Int32:
                Convert<int>(bytes, values, x => x);
                break;
            case WeightType.Int16:
                Convert<short>(bytes, values, x => x);
                break;
            case WeightType.Int8:
                Convert<sbyte>(bytes, values, x => x);
                break;
            case WeightType.UInt16:
                Convert<ushort>(bytes, values, x => x);
                break;
            case WeightType.UInt32:
                Convert<uint>(bytes, values, x => x);
                break;
            case WeightType.UInt64:
                Convert<ulong>(bytes, values, x => x);
                break;
            default:
                Convert<byte>(bytes, values, x => x);
                break;
        }

        return values;
    }

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> values, Func<T, float> toSingle)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = toSingle(source[i]);
        }
    }
}
