using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Graft.Training.Weights.Hdf5;

/// <summary>Puts a dataset's chunks together, undoing gzip and shuffle.</summary>
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
    private readonly HashSet<long> _done = [];
    private byte[] _packed = [],
        _inflated = [],
        _unshuffled = [];

    /// <param name="header">The dataset.</param>
    /// <param name="shape">Of the dataset, in elements.</param>
    /// <param name="chunk">Of one chunk, in elements; the last chunks may stick out.</param>
    /// <param name="elementSize">In bytes.</param>
    public Hdf5Chunks(Hdf5Object header, long[] shape, long[] chunk, int elementSize)
    {
        (_header, _shape, _chunk, _elementSize) = (header, shape, chunk, elementSize);
        long chunkLength = WeightTensor.ByteCount(WeightType.UInt8, [.. chunk, elementSize]) ?? long.MaxValue;
        long length = WeightTensor.ByteCount(WeightType.UInt8, [.. shape, elementSize]) ?? long.MaxValue;
        header.File.Reserve(length, header.Place);
        if (Math.Max(chunkLength, length) > Array.MaxLength)
        {
            throw header.Refuse($"{length} bytes in chunks of {chunkLength}; at most {Array.MaxLength} are read");
        }

        _chunkLength = (int)chunkLength;
        _values = new byte[length]; // zeros: a chunk that was never written holds HDF5's default fill value
        if (header.Find(Hdf5Message.Filters) is { } filters)
        {
            ReadFilters(header.Cursor(filters));
        }
    }

    /// <summary>One chunk that holds everything. <paramref name="packed"/> is -1 where it is not filtered.</summary>
    public byte[] ReadSingle(long address, long packed, long mask)
    {
        Place(new long[_shape.Length], Unpack(address, packed < 0 ? _chunkLength : packed, mask));
        return _values;
    }

    /// <summary>Chunks listed by a B-tree of version 1; each node is visited once, each place filled once.</summary>
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
            throw _header.Refuse($"{count} filters of version {version}");
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
                        $"is packed by filter {filter}; gzip, shuffle and fletcher32 are read: save it without compression"
                    )
            );
        }
    }

    /// <summary>The chunk's values, in a buffer that the next chunk uses again.</summary>
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
                    _ => chunk.Length >= 4 ? chunk[..^4] : throw _header.Refuse("a chunk without its checksum"),
                };
            }
        }

        return chunk.Length == _chunkLength
            ? chunk
            : throw _header.Refuse($"a chunk of {chunk.Length} bytes, {_chunkLength} belong there");
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
                : throw _header.Refuse($"a chunk unpacks to more than {limit} bytes");
        }
        // IOException: a preset dictionary is asked for
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw _header.File.Refuse(_header.Place, "a chunk does not unpack; the file is damaged", error);
        }
    }

    /// <summary>
    /// All first bytes, then all second bytes … back to elements; what is left over at the end stays.
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

    /// <summary>Copies the part of a chunk that lies inside the dataset, row by row.</summary>
    private void Place(long[] origin, ReadOnlyMemory<byte> chunk)
    {
        long first = 0;
        for (int d = 0; d < origin.Length; d++)
        {
            if (origin[d] < 0 || origin[d] >= _shape[d] || origin[d] % _chunk[d] != 0)
            {
                throw _header.Refuse(
                    $"a chunk at [{string.Join(", ", origin)}] of [{string.Join(", ", _shape)}]; the file is damaged"
                );
            }

            first = (first * _shape[d]) + origin[d];
        }

        if (!_done.Add(first))
        {
            throw _header.Refuse($"two chunks at [{string.Join(", ", origin)}]; the file is damaged");
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
