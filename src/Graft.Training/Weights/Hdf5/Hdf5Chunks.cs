using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Graft.Training.Weights.Hdf5;

/// <summary>Assembles a dataset from its chunks, and undoes gzip and shuffle.</summary>
internal sealed class Hdf5Chunks
{
    private const int Deflate = 1,
        Shuffle = 2,
        Checksum = 3;
    private readonly Hdf5Object _header;
    private readonly long[] _shape;
    private readonly long[] _chunk;
    private readonly int _elementSize;
    private readonly int _chunkLength;
    private readonly List<int> _filters = [];
    private readonly byte[] _values;
    private readonly HashSet<long> _filled = [];
    private byte[] _packed = [],
        _inflated = [],
        _unshuffled = [];

    /// <summary>Reserves memory for the dataset and reads its filters.</summary>
    /// <param name="header">Object header of the dataset.</param>
    /// <param name="shape">Shape of the dataset in elements.</param>
    /// <param name="chunk">Shape of one chunk in elements; the last chunks may reach past the dataset.</param>
    /// <param name="elementSize">Size of one element in bytes.</param>
    public Hdf5Chunks(Hdf5Object header, long[] shape, long[] chunk, int elementSize)
    {
        (_header, _shape, _chunk, _elementSize) = (header, shape, chunk, elementSize);
        long chunkLength = WeightTensor.ByteCount(WeightType.UInt8, [.. chunk, elementSize]) ?? long.MaxValue;
        long length = WeightTensor.ByteCount(WeightType.UInt8, [.. shape, elementSize]) ?? long.MaxValue;
        header.File.Reserve(length, header.Place);
        if (Math.Max(chunkLength, length) > Array.MaxLength)
        {
            throw header.Refuse($"has {length} bytes in chunks of {chunkLength}; at most {Array.MaxLength} are read");
        }

        _chunkLength = (int)chunkLength;
        _values = new byte[length]; // chunks that were never written stay 0, HDF5's default
        if (header.Find(Hdf5Message.Filters) is { } filters)
        {
            ReadFilters(header.Cursor(filters));
        }
    }

    /// <summary>Reads a dataset that consists of a single chunk.</summary>
    /// <param name="address">Address of the chunk.</param>
    /// <param name="packed">Its size in the file in bytes; -1 where it is not filtered.</param>
    /// <param name="mask">One bit for each filter that was left out.</param>
    public byte[] ReadSingle(long address, long packed, long mask)
    {
        Place(new long[_shape.Length], Unpack(address, packed < 0 ? _chunkLength : packed, mask));
        return _values;
    }

    /// <summary>
    /// Reads chunks that a B-tree of version 1 lists. Visits each node once and fills each place once.
    /// </summary>
    public byte[] ReadTree(long root)
    {
        HashSet<long> seen = [];
        Stack<long> open = new([root]);
        while (root != Hdf5File.Undefined && open.TryPop(out long address))
        {
            if (!seen.Add(address))
            {
                throw _header.Refuse("its table of chunks leads back to itself; the file is damaged");
            }

            Hdf5Cursor node = _header.Cursor(_header.File.ReadBlock(address, 24, "TREE"u8, _header.Place));
            node.Skip(4);
            (int type, int level, int count) = (node.UInt8(), node.UInt8(), node.UInt16());
            if (type != 1)
            {
                throw _header.Refuse("its table of chunks is a table of members; the file is damaged");
            }

            int entryLength = 8 + (8 * (_shape.Length + 1)) + 8;
            Hdf5Cursor entries = _header.Cursor(
                _header.File.Read(address + 24, (long)count * entryLength, _header.Place)
            );
            for (int i = 0; i < count; i++)
            {
                ReadEntry(entries, level, open);
            }
        }

        return _values;
    }

    private void ReadEntry(Hdf5Cursor entries, int level, Stack<long> open)
    {
        long packed = entries.UInt32();
        long mask = entries.UInt32();
        long[] origin = new long[_shape.Length];
        for (int d = 0; d < origin.Length; d++)
        {
            origin[d] = entries.Int64();
        }

        entries.Skip(8);
        long child = entries.Int64();
        if (level > 0)
        {
            open.Push(child);
        }
        else
        {
            Place(origin, Unpack(child, packed, mask));
        }
    }

    private void ReadFilters(Hdf5Cursor cursor)
    {
        int version = cursor.UInt8();
        int count = cursor.UInt8();
        if (version is not (1 or 2) || count > 32)
        {
            throw _header.Refuse($"has {count} filters of version {version}; up to 32 of version 1 or 2 are read");
        }

        cursor.Skip(version == 1 ? 6 : 0);
        for (int i = 0; i < count; i++)
        {
            int filter = cursor.UInt16();
            int nameLength = version == 1 || filter >= 256 ? cursor.UInt16() : 0;
            cursor.Skip(2);
            int values = cursor.UInt16();
            cursor.Skip(version == 1 ? (nameLength + 7) & ~7 : nameLength);
            cursor.Skip((4L * values) + (version == 1 && values % 2 == 1 ? 4 : 0));
            _filters.Add(
                filter is Deflate or Shuffle or Checksum && !_filters.Contains(filter)
                    ? filter
                    : throw _header.Refuse(
                        $"is packed by filter {filter}; gzip, shuffle and fletcher32 are read: "
                            + "save it without compression"
                    )
            );
        }
    }

    /// <summary>Reads a chunk and undoes its filters. The next chunk reuses the returned buffer.</summary>
    private ReadOnlyMemory<byte> Unpack(long address, long length, long mask)
    {
        _header.File.Check(address, length, _header.Place);
        _header.File.CountWork(_chunkLength, _header.Place);
        Grow(ref _packed, length);
        _header.File.Fill(address, _packed.AsSpan(0, (int)length), _header.Place);
        Memory<byte> chunk = _packed.AsMemory(0, (int)length);
        for (int i = _filters.Count - 1; i >= 0; i--)
        {
            if ((mask >> i & 1) == 0)
            {
                chunk = _filters[i] switch
                {
                    Deflate => Inflate(chunk),
                    Shuffle => Unshuffle(chunk),
                    _ => chunk.Length >= 4 ? chunk[..^4] : throw _header.Refuse("has a chunk without its checksum"),
                };
            }
        }

        return chunk.Length == _chunkLength
            ? chunk
            : throw _header.Refuse($"has a chunk of {chunk.Length} bytes in place of {_chunkLength}");
    }

    private void Grow(ref byte[] buffer, long length)
    {
        if (buffer.Length < length)
        {
            long grown = Math.Min(Math.Max(length, 2L * buffer.Length), Array.MaxLength);
            _header.File.Reserve(grown, _header.Place);
            buffer = GC.AllocateUninitializedArray<byte>((int)grown);
        }
    }

    private Memory<byte> Inflate(Memory<byte> packed)
    {
        int limit = _chunkLength + (_filters.Contains(Checksum) ? 4 : 0);
        Grow(ref _inflated, limit);
        MemoryMarshal.TryGetArray(packed, out ArraySegment<byte> segment);
        using ZLibStream inflater = new(
            new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false),
            CompressionMode.Decompress
        );
        try
        {
            int length = inflater.ReadAtLeast(_inflated.AsSpan(0, limit), limit, throwOnEndOfStream: false);
            return inflater.ReadByte() == -1
                ? _inflated.AsMemory(0, length)
                : throw _header.Refuse($"has a chunk that unpacks to more than {limit} bytes");
        }
        // IOException: the data need a preset dictionary.
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw _header.File.Refuse(_header.Place, "has a chunk that does not unpack; the file is damaged", error);
        }
    }

    /// <summary>
    /// Undoes the shuffle filter, which stores all first bytes, then all second bytes and so on. Bytes left over at the
    /// end stay.
    /// </summary>
    private Memory<byte> Unshuffle(Memory<byte> stored)
    {
        Grow(ref _unshuffled, stored.Length);
        ReadOnlySpan<byte> source = stored.Span;
        Span<byte> elements = _unshuffled.AsSpan(0, source.Length);
        source.CopyTo(elements);
        int count = elements.Length / _elementSize;
        for (int b = 0; b < _elementSize; b++)
        {
            for (int i = 0; i < count; i++)
            {
                elements[(i * _elementSize) + b] = source[(b * count) + i];
            }
        }

        return _unshuffled.AsMemory(0, source.Length);
    }

    /// <summary>Copies the part of a chunk that lies inside the dataset.</summary>
    private void Place(long[] origin, ReadOnlyMemory<byte> chunk)
    {
        long first = 0;
        for (int d = 0; d < origin.Length; d++)
        {
            if (origin[d] < 0 || origin[d] >= _shape[d] || origin[d] % _chunk[d] != 0)
            {
                throw _header.Refuse(
                    $"has a chunk at [{string.Join(", ", origin)}] of [{string.Join(", ", _shape)}]; "
                        + "the file is damaged"
                );
            }

            first = (first * _shape[d]) + origin[d];
        }

        if (!_filled.Add(first))
        {
            throw _header.Refuse($"has two chunks at [{string.Join(", ", origin)}]; the file is damaged");
        }

        CopyRows(origin, first, chunk.Span);
    }

    private void CopyRows(long[] origin, long first, ReadOnlySpan<byte> chunk)
    {
        int rank = origin.Length;
        if (rank == 0)
        {
            chunk.CopyTo(_values);
            return;
        }

        long[] size = [.. origin.Select((start, d) => Math.Min(_chunk[d], _shape[d] - start))];
        int rowLength = (int)size[^1] * _elementSize;
        long rows = size[..^1].Aggregate(1L, (product, dimension) => product * dimension);
        long[] digits = new long[rank];
        for (long row = 0; row < rows; row++)
        {
            (long from, long to) = (0, 0);
            for (int d = 0; d < rank; d++)
            {
                from = (from * _chunk[d]) + digits[d];
                to = (to * _shape[d]) + origin[d] + digits[d];
            }

            chunk.Slice((int)(from * _elementSize), rowLength).CopyTo(_values.AsSpan((int)(to * _elementSize)));
            for (int d = rank - 2; d >= 0 && ++digits[d] == size[d]; d--)
            {
                digits[d] = 0;
            }
        }
    }
}
