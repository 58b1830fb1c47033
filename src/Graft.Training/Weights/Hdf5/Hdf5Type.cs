namespace Graft.Training.Weights.Hdf5;

internal enum Hdf5Class
{
    Integer = 0,
    Float = 1,
    Text = 3,
    Opaque = 5,
    Enumeration = 8,
    VariableLength = 9,
}

/// <summary>An element type (specification IV.A.2.d), as far as weights and their names need it.</summary>
/// <param name="Class">Its kind; others than those listed are refused when used.</param>
/// <param name="Size">In bytes, in the file.</param>
/// <param name="IsBigEndian">The order of a number's bytes.</param>
/// <param name="IsSigned">Integers only.</param>
/// <param name="IsText">Fixed-length texts, and those of variable length.</param>
/// <param name="ExponentBits">Floats only.</param>
internal sealed record Hdf5Type(
    Hdf5Class Class,
    long Size,
    bool IsBigEndian,
    bool IsSigned,
    bool IsText,
    int ExponentBits
)
{
    public static Hdf5Type Read(Hdf5Object owner, ReadOnlyMemory<byte> message)
    {
        Hdf5Cursor cursor = owner.Cursor(message);
        Hdf5Class kind = (Hdf5Class)(cursor.UInt8() & 0x0f);
        int bits = cursor.UInt8();
        cursor.Skip(2);
        long size = cursor.UInt32();
        bool isBigEndian = kind is Hdf5Class.Integer or Hdf5Class.Float && (bits & 0x01) != 0;
        bool isText = kind == Hdf5Class.Text || (kind == Hdf5Class.VariableLength && (bits & 0x0f) == 1);
        int exponentBits = 0;
        if (kind == Hdf5Class.Float)
        {
            cursor.Skip(5);
            exponentBits = cursor.UInt8();
        }

        return new Hdf5Type(
            kind,
            size,
            isBigEndian,
            IsSigned: kind == Hdf5Class.Integer && (bits & 0x08) != 0,
            isText,
            exponentBits
        );
    }

    /// <summary>The weight type of the same bytes; null where there is none.</summary>
    public WeightType? ToWeightType() =>
        (Class, Size, ExponentBits) switch
        {
            (Hdf5Class.Float, 8, 11) => WeightType.Float64,
            (Hdf5Class.Float, 4, 8) => WeightType.Float32,
            (Hdf5Class.Float, 2, 5) => WeightType.Float16,
            (Hdf5Class.Float, 2, 8) => WeightType.BFloat16,
            (Hdf5Class.Integer, 8, _) => IsSigned ? WeightType.Int64 : WeightType.UInt64,
            (Hdf5Class.Integer, 4, _) => IsSigned ? WeightType.Int32 : WeightType.UInt32,
            (Hdf5Class.Integer, 2, _) => IsSigned ? WeightType.Int16 : WeightType.UInt16,
            (Hdf5Class.Integer, 1, _) => IsSigned ? WeightType.Int8 : WeightType.UInt8,
            (Hdf5Class.Enumeration, 1, _) => WeightType.Bool,
            _ => null,
        };

    /// <summary>
    /// Dimensions of a dataspace message; none for a scalar. Null where a dimension is negative or there are too many.
    /// </summary>
    public static long[] Shape(Hdf5Object owner, ReadOnlyMemory<byte> message)
    {
        Hdf5Cursor cursor = owner.Cursor(message);
        int version = cursor.UInt8();
        int rank = cursor.UInt8();
        cursor.Skip(1);
        int type = cursor.UInt8();
        if (version is not (1 or 2) || rank > 32)
        {
            throw owner.Refuse(
                $"a dataspace of version {version} and {rank} dimensions; versions 1 and 2 with up to 32 are read"
            );
        }

        if (version == 2 && type == 2)
        {
            return [0];
        }

        cursor.Skip(version == 1 ? 4 : 0);
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = cursor.Int64();
        }

        return shape;
    }
}
