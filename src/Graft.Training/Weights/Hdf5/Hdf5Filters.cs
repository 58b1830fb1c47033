using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Graft.Training.Weights.Hdf5;

/// <summary>Undoes the filters of a dataset's chunks: gzip, shuffle and checksum.</summary>
/// <param name="header">Object header of the dataset.</param>
/// <param name="chunkLength">Size of one chunk in bytes.</param>
/// <param name="elementSize">Size of one element in bytes.</param>
internal sealed class Hdf5Filters(Hdf5Object header, int chunkLength, int elementSize)
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Checksum = 3;

    private readonly List<int> _filters = Read(header);
    private byte[] _packed = [];
    private byte[] _inflated = [];
    private byte[] _unshuffled = [];

    /// <summary>Reads a chunk and undoes its filters. The next chunk reuses the returned buffer.</summary>
    /// <param name="address">Address of the chunk.</param>
    /// <param name="length">Its size in the file in bytes.</param>
    /// <param name="mask">One bit for each filter that was left out.</param>
    public ReadOnlyMemory<byte> Undo(long address, long length, long mask)
    {
        header.File.Check(address, length, header.Place);
        header.File.CountWork(chunkLength, header.Place);
        Grow(ref _packed, length);
        header.File.Fill(address, _packed.AsSpan(0, (int)length), header.Place);
        Memory<byte> chunk = _packed.AsMemory(0, (int)length);
        for (int i = _filters.Count - 1; i >= 0; i--)
        {
            if ((mask >> i & 1) == 0)
            {
                chunk = _filters[i] switch
                {
                    Deflate => Inflate(chunk),
                    Shuffle => Unshuffle(chunk),
                    _ => chunk.Length >= 4 ? chunk[..^4] : throw header.Refuse("has a chunk without its checksum"),
                };
            }
        }

        return chunk.Length == chunkLength
            ? chunk
            : throw header.Refuse($"has a chunk of {chunk.Length} bytes in place of {chunkLength}");
    }

    private void Grow(ref byte[] buffer, long length)
    {
        if (buffer.Length < length)
        {
            long grown = Math.Min(Math.Max(length, 2L * buffer.Length), Array.MaxLength);
            header.File.Reserve(grown, header.Place);
            buffer = GC.AllocateUninitializedArray<byte>((int)grown);
        }
    }

    private Memory<byte> Inflate(Memory<byte> packed)
    {
        int limit = chunkLength + (_filters.Contains(Checksum) ? 4 : 0);
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
                : throw header.Refuse($"has a chunk that unpacks to more than {limit} bytes");
        }
        // IOException: the data need a preset dictionary.
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw header.File.Refuse(header.Place, "has a chunk that does not unpack; the file is damaged", error);
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
        int count = elements.Length / elementSize;
        for (int b = 0; b < elementSize; b++)
        {
            for (int i = 0; i < count; i++)
            {
                elements[(i * elementSize) + b] = source[(b * count) + i];
            }
        }

        return _unshuffled.AsMemory(0, source.Length);
    }

    private static List<int> Read(Hdf5Object header)
    {
        List<int> filters = [];
        if (header.Find(Hdf5Message.Filters) is not { } message)
        {
            return filters;
        }

        Hdf5Cursor cursor = header.Cursor(message);
        int version = cursor.UInt8();
        int count = cursor.UInt8();
        if (version is not (1 or 2) || count > 32)
        {
            throw header.Refuse($"has {count} filters of version {version}; up to 32 of version 1 or 2 are read");
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
            filters.Add(
                filter is Deflate or Shuffle or Checksum && !filters.Contains(filter)
                    ? filter
                    : throw header.Refuse(
                        $"is packed by filter {filter}; gzip, shuffle and fletcher32 are read: "
                            + "save it without compression"
                    )
            );
        }

        return filters;
    }
}
