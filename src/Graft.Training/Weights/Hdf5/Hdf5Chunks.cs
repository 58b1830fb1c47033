namespace Graft.Training.Weights.Hdf5;

/// <summary>Assembles a dataset from its chunks.</summary>
internal sealed class Hdf5Chunks
{
    private readonly Hdf5Object _header;
    private readonly long[] _shape;
    private readonly long[] _chunk;
    private readonly int _elementSize;
    private readonly int _chunkLength;
    private readonly Hdf5Filters _filters;
    private readonly byte[] _values;
    private readonly HashSet<long> _filled = [];

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
        _filters = new(header, _chunkLength, elementSize);
    }

    /// <summary>Reads a dataset that consists of a single chunk.</summary>
    /// <param name="address">Address of the chunk.</param>
    /// <param name="packed">Its size in the file in bytes; -1 where it is not filtered.</param>
    /// <param name="mask">One bit for each filter that was left out.</param>
    public byte[] ReadSingle(long address, long packed, long mask)
    {
        Place(new long[_shape.Length], _filters.Undo(address, packed < 0 ? _chunkLength : packed, mask));
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
            Place(origin, _filters.Undo(child, packed, mask));
        }
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
