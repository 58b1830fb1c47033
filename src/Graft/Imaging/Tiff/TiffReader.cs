using System.Buffers.Binary;

namespace Graft.Imaging;

/// <summary>
/// Reads the entries of a TIFF's first directory, of TIFF and BigTIFF in either byte order. Offsets are checked.
/// </summary>
internal readonly ref struct TiffReader(ReadOnlySpan<byte> bytes)
{
    private const int MostEntries = 4096;
    private const int MostValues = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly bool _isLittle = bytes.Length > 0 && bytes[0] == (byte)'I';
    private readonly bool _isBig = bytes.Length > 3 && (bytes[2] == 43 || bytes[3] == 43);

    /// <summary>Where the entries of the first directory begin, and their number; null outside of the file.</summary>
    public (int Start, int Count)? FirstPage()
    {
        if (_bytes.Length < 16)
        {
            return null;
        }

        long directory = _isBig ? (long)Number(8, 8) : (long)Number(4, 4);
        int countBytes = _isBig ? 8 : 2;
        if (directory < 8 || directory > _bytes.Length - countBytes)
        {
            return null;
        }

        ulong count = Number((int)directory, countBytes);
        long end = directory + countBytes + ((long)Math.Min(count, MostEntries) * EntryBytes);
        return count is > 0 and <= MostEntries && end <= _bytes.Length
            ? ((int)directory + countBytes, (int)count)
            : null;
    }

    private int EntryBytes => _isBig ? 20 : 12;

    /// <summary>The tag of an entry, and where the entry begins.</summary>
    public (int Tag, int Offset) Entry((int Start, int Count) page, int index)
    {
        int at = page.Start + (index * EntryBytes);
        return ((int)Number(at, 2), at);
    }

    /// <summary>Where the first value of an entry lies.</summary>
    public int ValueOffset(int entry)
    {
        int inline = entry + (_isBig ? 12 : 8);
        long bytes = ValueBytes(entry) * (long)Math.Min(Count(entry), MostValues);
        if (bytes <= (_isBig ? 8 : 4))
        {
            return inline;
        }

        ulong offset = Number(inline, _isBig ? 8 : 4);
        return offset <= (ulong)Math.Max(0, _bytes.Length - bytes) ? (int)offset : inline;
    }

    /// <summary>The whole numbers of an entry, at most 64.</summary>
    public int[] Values(int entry)
    {
        int size = ValueBytes(entry);
        int start = ValueOffset(entry);
        int[] values = new int[size == 0 ? 0 : (int)Math.Min(Count(entry), MostValues)];
        for (int i = 0; i < values.Length && start + ((i + 1) * size) <= _bytes.Length; i++)
        {
            values[i] = (int)Math.Min(Number(start + (i * size), size), int.MaxValue);
        }

        return values;
    }

    private ulong Count(int entry) => _isBig ? Number(entry + 4, 8) : Number(entry + 4, 4);

    // bytes, shorts and longs; 0 for other types
    private int ValueBytes(int entry) =>
        Number(entry + 2, 2) switch
        {
            1 => 1,
            3 => 2,
            4 => 4,
            _ => 0,
        };

    private ulong Number(int at, int size)
    {
        ReadOnlySpan<byte> place = _bytes.Slice(at, size);
        return (size, _isLittle) switch
        {
            (1, _) => place[0],
            (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(place),
            (2, false) => BinaryPrimitives.ReadUInt16BigEndian(place),
            (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(place),
            (4, false) => BinaryPrimitives.ReadUInt32BigEndian(place),
            (_, true) => BinaryPrimitives.ReadUInt64LittleEndian(place),
            _ => BinaryPrimitives.ReadUInt64BigEndian(place),
        };
    }
}
