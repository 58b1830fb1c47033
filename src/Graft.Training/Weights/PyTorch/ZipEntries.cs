using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Graft.Training.Weights;

/// <summary>One file in a zip archive.</summary>
/// <param name="Name">As the archive spells it; never used as a path.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
/// <param name="PackedLength">Its bytes in the archive.</param>
/// <param name="Length">Its bytes once unpacked, as the archive claims.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
internal sealed record ZipEntry(string Name, long HeaderOffset, long PackedLength, long Length, int Method);

/// <summary>
/// A zip archive's directory (APPNOTE.TXT 4.3, zip64 included) and its entries' bytes. .NET's own reader makes objects
/// for as many directory
/// entries as a file claims and copies stored entries through a stream; here the count is limited first and a stored
/// entry is one read.
/// </summary>
internal sealed class ZipEntries
{
    private const int MaximumCount = 65_536;
    private const int MaximumDirectoryLength = 16 << 20;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private readonly WeightBytes _file;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    /// <exception cref="WeightFileException">The archive is damaged, or claims more than its bytes hold.</exception>
    public ZipEntries(WeightBytes file)
    {
        _file = file;
        (long offset, long length, long count) = FindDirectory();
        if (length > MaximumDirectoryLength)
        {
            throw file.Refuse("the zip directory", $"{length} bytes long; at most {MaximumDirectoryLength} are read");
        }

        ReadDirectory(file.Read(offset, length, "the zip directory").Span, count);
    }

    /// <summary>The names, in the directory's order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Null where there is no such entry.</summary>
    public ZipEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Whether the bytes are a zip archive's or an empty one's.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>
    /// The entry's bytes; what they cost is taken from <paramref name="budget"/> before it is reserved.
    /// </summary>
    public ReadOnlyMemory<byte> Read(ZipEntry entry, MemoryBudget budget)
    {
        string place = $"entry '{entry.Name}'";
        ReadOnlySpan<byte> local = _file.Read(entry.HeaderOffset, LocalLength, place).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034b50)
        {
            throw _file.Refuse(place, $"no zip header at byte {entry.HeaderOffset}");
        }

        long start = entry.HeaderOffset + LocalLength + UInt16(local, 26) + UInt16(local, 28);
        budget.Reserve(entry.Length, place);
        if (entry.Method == 0)
        {
            return _file.Read(start, entry.PackedLength, place);
        }

        return Inflate(entry, start, budget, place);
    }

    private byte[] Inflate(ZipEntry entry, long start, MemoryBudget budget, string place)
    {
        // Deflate packs at most 1032 to 1 (zlib, "Maximum Compression Factor"): a larger claim is a lie.
        if (entry.Length > Array.MaxLength || entry.Length / 1032 > entry.PackedLength)
        {
            throw _file.Refuse(place, $"{entry.PackedLength} bytes cannot unpack to {entry.Length}");
        }

        budget.Reserve(entry.PackedLength, place);
        ReadOnlyMemory<byte> packed = _file.Read(start, entry.PackedLength, place);
        // always an array: WeightBytes is made of them
        MemoryMarshal.TryGetArray(packed, out ArraySegment<byte> segment);
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Length);
        using DeflateStream inflater = new(
            new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false),
            CompressionMode.Decompress
        );
        try
        {
            inflater.ReadExactly(bytes);
            if (inflater.ReadByte() != -1)
            {
                throw _file.Refuse(place, $"unpacks to more than the {entry.Length} bytes that the archive claims");
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw _file.Refuse(
                place,
                $"does not unpack to the {entry.Length} bytes that the archive claims; the file is damaged",
                error
            );
        }

        return bytes;
    }

    private (long Offset, long Length, long Count) FindDirectory()
    {
        int tailLength = (int)Math.Min(_file.Length, EndLength + ushort.MaxValue);
        ReadOnlySpan<byte> tail = _file.Read(_file.Length - tailLength, tailLength, "the zip directory's end").Span;
        int end = tail.LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndLength)
        {
            throw _file.Refuse("the zip directory's end", "not found; the file is cut short or damaged");
        }

        ReadOnlySpan<byte> record = tail[end..];
        (long offset, long length, long count) = (UInt32(record, 16), UInt32(record, 12), UInt16(record, 10));
        if (offset != uint.MaxValue && length != uint.MaxValue && count != ushort.MaxValue)
        {
            return (offset, length, count);
        }

        return end < LocatorLength || !tail[(end - LocatorLength)..].StartsWith("PK\u0006\u0007"u8)
            ? (offset, length, count)
            : FindLargeDirectory(Int64(tail[(end - LocatorLength)..], 8));
    }

    private (long Offset, long Length, long Count) FindLargeDirectory(long recordOffset)
    {
        ReadOnlySpan<byte> record = _file.Read(recordOffset, 56, "the zip64 directory's end").Span;
        if (!record.StartsWith("PK\u0006\u0006"u8))
        {
            throw _file.Refuse("the zip64 directory's end", $"not found at byte {recordOffset}");
        }

        return (Int64(record, 48), Int64(record, 40), Int64(record, 32));
    }

    private void ReadDirectory(ReadOnlySpan<byte> directory, long count)
    {
        if (count is < 0 or > MaximumCount || count > directory.Length / EntryLength)
        {
            throw _file.Refuse(
                "the zip directory",
                $"claims {count} entries in {directory.Length} bytes; at most {MaximumCount} are read"
            );
        }

        long packedTotal = 0;
        for (int i = 0; i < count; i++)
        {
            if (directory.Length < EntryLength || UInt32(directory, 0) != 0x02014b50)
            {
                throw _file.Refuse("the zip directory", $"entry {i} of {count} is damaged");
            }

            int variableLength = UInt16(directory, 28) + UInt16(directory, 30) + UInt16(directory, 32);
            if (directory.Length - EntryLength < variableLength)
            {
                throw _file.Refuse("the zip directory", $"entry {i} of {count} is cut short");
            }

            ZipEntry entry = ReadEntry(directory);
            packedTotal += entry.PackedLength;
            if (packedTotal > _file.Length)
            {
                throw _file.Refuse(
                    "the zip directory",
                    $"its entries up to '{entry.Name}' take more bytes than the file has; they overlap"
                );
            }

            if (!_entries.TryAdd(entry.Name, entry))
            {
                throw _file.Refuse("the zip directory", $"holds '{entry.Name}' twice");
            }

            directory = directory[(EntryLength + variableLength)..];
        }
    }

    private ZipEntry ReadEntry(ReadOnlySpan<byte> header)
    {
        int nameLength = UInt16(header, 28);
        string name = Encoding.UTF8.GetString(header.Slice(EntryLength, nameLength));
        (long packed, long length, long offset) = (UInt32(header, 20), UInt32(header, 24), UInt32(header, 42));
        ReadLargeSizes(header.Slice(EntryLength + nameLength, UInt16(header, 30)), ref length, ref packed, ref offset);

        int method = UInt16(header, 10);
        bool isEncrypted = (UInt16(header, 8) & 1) != 0;
        if (method is not (0 or 8) || isEncrypted)
        {
            throw _file.Refuse(
                $"entry '{name}'",
                isEncrypted
                    ? "is encrypted"
                    : $"is packed by method {method}; only stored and deflated entries are read"
            );
        }

        if (
            packed < 0
            || length < 0
            || offset < 0
            || packed > _file.Length
            || offset > _file.Length
            || (method == 0 && packed != length)
        )
        {
            throw _file.Refuse(
                $"entry '{name}'",
                $"claims {packed} bytes at {offset} for {length} unpacked, in a file of {_file.Length}"
            );
        }

        return new ZipEntry(name, offset, packed, length, method);
    }

    /// <summary>
    /// The zip64 extra field holds, in this order, those of the three numbers that did not fit (APPNOTE.TXT 4.5.3).
    /// </summary>
    private static void ReadLargeSizes(ReadOnlySpan<byte> extra, ref long length, ref long packed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int fieldLength = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, fieldLength);
                TakeLarge(ref field, ref length);
                TakeLarge(ref field, ref packed);
                TakeLarge(ref field, ref offset);
                return;
            }

            extra = extra[(4 + fieldLength)..];
        }
    }

    private static void TakeLarge(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value == uint.MaxValue && field.Length >= 8)
        {
            value = Int64(field, 0);
            field = field[8..];
        }
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}
