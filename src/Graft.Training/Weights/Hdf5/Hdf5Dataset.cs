namespace Graft.Training.Weights.Hdf5;

/// <summary>A dataset, whose values are stored in its header, in one piece, or in chunks.</summary>
internal sealed class Hdf5Dataset
{
    private readonly Hdf5Object _header;
    private readonly Hdf5Type _elements;

    /// <summary>Reads type and shape.</summary>
    /// <exception cref="WeightFileException">The object is not a dataset of numbers.</exception>
    public Hdf5Dataset(Hdf5Object header)
    {
        _header = header;
        _elements = Hdf5Type.Read(header, Message(Hdf5Message.DataType));
        Shape = Hdf5Type.Shape(header, Message(Hdf5Message.Dataspace));
        bool isBFloat16 =
            _elements.Size == 2
            && header.Attributes.TryGetValue("dtype", out Hdf5Attribute? name)
            && name.Texts() is ["bfloat16"];
        Type = isBFloat16
            ? WeightType.BFloat16
            : _elements.ToWeightType()
                ?? throw header.Refuse($"its elements ({_elements.Class}, {_elements.Size} bytes) are not numbers");
        Length = WeightTensor.ByteCount(Type, Shape)
            ?? throw header.Refuse($"its shape [{string.Join(", ", Shape)}] is not possible");
    }

    /// <summary>Type of the elements.</summary>
    public WeightType Type { get; }

    /// <summary>Dimensions, outermost first; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>Size of all values in bytes.</summary>
    public long Length { get; }

    /// <summary>Reads the values in row-major order, little-endian.</summary>
    public ReadOnlyMemory<byte> Read()
    {
        if (Length == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        ReadOnlyMemory<byte> values = ReadLayout(_header.Cursor(Message(Hdf5Message.Layout)));
        return _elements.IsBigEndian ? LittleEndian(values) : values;
    }

    private ReadOnlyMemory<byte> ReadLayout(Hdf5Cursor layout)
    {
        int version = layout.UInt8();
        if (version is < 1 or > 4)
        {
            throw _header.Refuse($"has a layout of version {version}; 1 to 4 are read");
        }

        if (version < 3)
        {
            return ReadOldLayout(layout);
        }

        int kind = layout.UInt8();
        switch (kind)
        {
            case 0:
                return Exactly(layout.Read(layout.UInt16()));
            case 1:
                return ReadContiguous(layout.Int64(), layout.Int64());
            case 2 when version == 3:
                int rank = layout.UInt8();
                long tree = layout.Int64();
                return Chunks(Dimensions(layout, rank, 4)).ReadTree(tree);
            case 2:
                return ReadNewChunks(layout);
            default:
                throw _header.Refuse($"has a layout of class {kind} (a virtual dataset); only stored values are read");
        }
    }

    /// <summary>Layout versions 1 and 2, written by HDF5 1.6 and earlier.</summary>
    private ReadOnlyMemory<byte> ReadOldLayout(Hdf5Cursor layout)
    {
        int rank = layout.UInt8();
        int kind = layout.UInt8();
        layout.Skip(5);
        long address = kind == 0 ? 0 : layout.Int64();
        long[] dimensions = Dimensions(layout, rank, 4);
        return kind switch
        {
            0 => Exactly(layout.Read(layout.UInt32())),
            1 => ReadContiguous(address, Length),
            2 => Chunks(dimensions).ReadTree(address),
            _ => throw _header.Refuse($"has a layout of class {kind}; only stored values are read"),
        };
    }

    private ReadOnlyMemory<byte> ReadNewChunks(Hdf5Cursor layout)
    {
        const int SingleChunk = 1,
            IsFiltered = 2;
        int flags = layout.UInt8();
        int rank = layout.UInt8();
        int width = layout.UInt8();
        long[] dimensions = width is >= 1 and <= 8
            ? Dimensions(layout, rank, width)
            : throw _header.Refuse($"has chunk sizes of {width} bytes; 1 to 8 are read");
        int index = layout.UInt8();
        if (index != SingleChunk)
        {
            throw _header.Refuse(
                $"its chunks are listed by an index of kind {index}, which is not read; "
                    + "save the file with libver='earliest'"
            );
        }

        bool isFiltered = (flags & IsFiltered) != 0;
        long packed = isFiltered ? layout.Int64() : -1;
        long mask = isFiltered ? layout.UInt32() : 0;
        return Chunks(dimensions).ReadSingle(layout.Int64(), packed, mask);
    }

    private ReadOnlyMemory<byte> ReadContiguous(long address, long length)
    {
        if (_header.Find(Hdf5Message.ExternalFiles) is not null)
        {
            throw _header.Refuse("its values are in another file, which is not read");
        }

        if (address == Hdf5File.Undefined)
        {
            throw _header.Refuse("its values were never written");
        }

        return length == Length
            ? _header.File.Read(address, length, _header.Place)
            : throw _header.Refuse($"stores {length} bytes, and its shape [{string.Join(", ", Shape)}] takes {Length}");
    }

    private Hdf5Chunks Chunks(long[] dimensions)
    {
        if (
            dimensions.Length != Shape.Length + 1
            || dimensions[^1] != _elements.Size
            || dimensions.Any(dimension => dimension <= 0)
        )
        {
            throw _header.Refuse(
                $"has chunks of [{string.Join(", ", dimensions)}], which do not fit "
                    + $"elements of {_elements.Size} bytes and the shape [{string.Join(", ", Shape)}]"
            );
        }

        return new Hdf5Chunks(_header, Shape, dimensions[..^1], (int)_elements.Size);
    }

    private static long[] Dimensions(Hdf5Cursor layout, int rank, int width)
    {
        long[] dimensions = new long[Math.Min(rank, 64)];
        for (int i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = layout.Number(width);
        }

        return dimensions;
    }

    private ReadOnlyMemory<byte> Exactly(ReadOnlyMemory<byte> stored) =>
        stored.Length >= Length
            ? stored[..(int)Length].ToArray()
            : throw _header.Refuse($"stores {stored.Length} bytes, and its shape takes {Length}");

    private byte[] LittleEndian(ReadOnlyMemory<byte> values)
    {
        _header.File.Reserve(values.Length, _header.Place);
        byte[] swapped = values.ToArray();
        for (int i = 0; i < swapped.Length; i += (int)_elements.Size)
        {
            swapped.AsSpan(i, (int)_elements.Size).Reverse();
        }

        return swapped;
    }

    private ReadOnlyMemory<byte> Message(Hdf5Message type) =>
        _header.Find(type) ?? throw _header.Refuse($"has no {type}; it is not a dataset, or the file is damaged");
}
