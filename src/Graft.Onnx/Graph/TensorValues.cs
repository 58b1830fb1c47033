using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Reads and creates the values of a <see cref="TensorProto"/>, whichever of its fields holds them.
/// </summary>
public static class TensorValues
{
    /// <summary>Number of elements: the checked product of the dimensions.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="owner">Name of the file or network in error messages.</param>
    /// <exception cref="OnnxException">A dimension is negative or the product overflows.</exception>
    public static long ElementCount(TensorProto tensor, string owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(tensor);
        long count = 1;
        foreach (long dimension in tensor.Dims)
        {
            if (dimension < 0 || (count != 0 && dimension > long.MaxValue / Math.Max(count, 1)))
            {
                throw new OnnxException(
                    owner,
                    $"the tensor '{Printable.Text(tensor.Name)}' has the shape [{string.Join(',', tensor.Dims)}]; "
                        + "export the network again"
                );
            }

            count *= dimension;
        }

        return count;
    }

    /// <summary>Size of one element in bytes.</summary>
    internal static int ElementSize(int dataType, string owner) =>
        (DataType)dataType switch
        {
            DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 8,
            DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
            DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
            DataType.Int8 or DataType.Uint8 or DataType.Bool => 1,
            DataType.Complex128 => 16,
            _ => throw new OnnxException(
                owner,
                $"the element type {dataType} is not supported; export the network in float32"
            ),
        };

    /// <summary>Whether the elements are floating-point numbers of 16, 32 or 64 bits.</summary>
    /// <param name="tensor">The tensor.</param>
    public static bool IsFloat(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return (DataType)tensor.DataType is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;
    }

    /// <summary>Throws if a tensor's data does not have the length that its shape and element type need.</summary>
    internal static void Validate(TensorProto tensor, string owner, long limit)
    {
        long count = ElementCount(tensor, owner);
        if (count > limit)
        {
            throw new OnnxException(
                owner,
                $"the tensor '{Printable.Text(tensor.Name)}' has {count:N0} elements, more than the limit of {limit:N0}"
            );
        }

        if (ExternalData.IsExternal(tensor) || tensor.DataType == (int)DataType.String)
        {
            return;
        }

        long size = ElementSize(tensor.DataType, owner);
        bool isWhole = HasRaw(tensor) ? tensor.RawData.Length == checked(count * size) : TypedCount(tensor) == count;
        if (!isWhole)
        {
            throw new OnnxException(
                owner,
                $"the data of the tensor '{Printable.Text(tensor.Name)}' does not fit its shape "
                    + $"[{string.Join(',', tensor.Dims)}]; the file is damaged"
            );
        }
    }

    /// <summary>A copy of the values as float32, row-major. Integers and other float types are converted.</summary>
    /// <param name="tensor">A tensor of numbers.</param>
    /// <exception cref="OnnxException">The tensor does not hold numbers.</exception>
    public static float[] ToSingles(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!HasRaw(tensor))
        {
            return TypedSingles(tensor);
        }

        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        switch ((DataType)tensor.DataType)
        {
            case DataType.Float:
                return MemoryMarshal.Cast<byte, float>(raw).ToArray();
            case DataType.Float16:
                float[] values = new float[raw.Length / 2];
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(raw), values);
                return values;
            case DataType.Bfloat16:
                return Map<ushort, float>(raw, FromBFloat16);
            case DataType.Double:
                return Map<double, float>(raw, x => (float)x);
            default:
                return Array.ConvertAll(ToInt64s(tensor), x => (float)x);
        }
    }

    /// <summary>A copy of integer or boolean values as int64, row-major.</summary>
    /// <param name="tensor">A tensor of integers or booleans.</param>
    /// <exception cref="OnnxException">The tensor does not hold integers.</exception>
    public static long[] ToInt64s(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!HasRaw(tensor))
        {
            return tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data]
                : tensor.Uint64Data.Count > 0 ? [.. tensor.Uint64Data.Select(x => unchecked((long)x))]
                : [.. tensor.Int32Data.Select(x => (long)x)];
        }

        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        return (DataType)tensor.DataType switch
        {
            DataType.Int64 or DataType.Uint64 => MemoryMarshal.Cast<byte, long>(raw).ToArray(),
            DataType.Int32 => Map<int, long>(raw, x => x),
            DataType.Uint32 => Map<uint, long>(raw, x => x),
            DataType.Int16 => Map<short, long>(raw, x => x),
            DataType.Uint16 => Map<ushort, long>(raw, x => x),
            DataType.Int8 => Map<sbyte, long>(raw, x => x),
            DataType.Uint8 or DataType.Bool => Map<byte, long>(raw, x => x),
            _ => throw new OnnxException(
                tensor.Name,
                $"it holds {(DataType)tensor.DataType} where integers are needed; export the network again"
            ),
        };
    }

    /// <summary>Creates a float32 tensor from a copy of the values.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">Its dimensions; empty for a scalar.</param>
    /// <param name="values">The values, row-major.</param>
    public static TensorProto FromSingles(string name, IEnumerable<long> shape, ReadOnlySpan<float> values)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(shape);
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        return tensor;
    }

    /// <summary>Creates an int64 tensor from a copy of the values.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">Its dimensions; empty for a scalar.</param>
    /// <param name="values">The values, row-major.</param>
    public static TensorProto FromInt64s(string name, IEnumerable<long> shape, ReadOnlySpan<long> values)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)DataType.Int64 };
        tensor.Dims.AddRange(shape);
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        return tensor;
    }

    private static bool HasRaw(TensorProto tensor) => tensor.HasRawData && TypedCount(tensor) == 0;

    private static long TypedCount(TensorProto tensor) =>
        tensor.FloatData.Count
        + (long)tensor.Int32Data.Count
        + tensor.Int64Data.Count
        + tensor.DoubleData.Count
        + tensor.Uint64Data.Count;

    private static float[] TypedSingles(TensorProto tensor) =>
        (DataType)tensor.DataType switch
        {
            DataType.Float => [.. tensor.FloatData],
            DataType.Double => [.. tensor.DoubleData.Select(x => (float)x)],
            DataType.Float16 => [.. tensor.Int32Data.Select(x => (float)BitConverter.UInt16BitsToHalf((ushort)x))],
            DataType.Bfloat16 => [.. tensor.Int32Data.Select(x => FromBFloat16((ushort)x))],
            _ => Array.ConvertAll(ToInt64s(tensor), x => (float)x),
        };

    private static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static TTo[] Map<TFrom, TTo>(ReadOnlySpan<byte> raw, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        ReadOnlySpan<TFrom> source = MemoryMarshal.Cast<byte, TFrom>(raw);
        TTo[] values = new TTo[source.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = convert(source[i]);
        }

        return values;
    }
}
