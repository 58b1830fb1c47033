namespace Graft.Training.Weights.Hdf5;

/// <summary>Classes of HDF5 types (specification IV.A.2.d).</summary>
internal enum Hdf5Class
{
    Integer = 0,
    Float = 1,
    Text = 3,
    Opaque = 5,
    Enumeration = 8,
    VariableLength = 9,
}

/// <summary>An element type (specification IV.A.2.d), with what weights and their names need.</summary>
/// <param name="Class">
/// Class of the type; classes outside <see cref="Hdf5Class"/> are refused where they are used.
/// </param>
/// <param name="Size">Size of an element in the file, in bytes.</param>
/// <param name="IsBigEndian">Whether numbers are big-endian.</param>
/// <param name="IsSigned">Whether integers are signed.</param>
/// <param name="IsText">Whether elements are texts of fixed or variable length.</param>
/// <param name="ExponentBits">Number of exponent bits of a float; otherwise 0.</param>
internal sealed record Hdf5Type(
    Hdf5Class Class,
    long Size,
    bool IsBigEndian,
    bool IsSigned,
    bool IsText,
    int ExponentBits
)
{
    /// <summary>Parses a datatype message.</summary>
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

    /// <summary>The same type in a weight file; null where there is none.</summary>
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
    /// Parses a dataspace message into dimensions; a scalar has none, and a null dataspace has one of 0.
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
                $"has a dataspace of version {version} with {rank} dimensions; versions 1 and 2 with up to 32 are read"
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
