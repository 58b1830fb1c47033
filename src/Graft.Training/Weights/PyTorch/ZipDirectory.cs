using System.Buffers.Binary;
using System.Text;

namespace Graft.Training.Weights;

/// <summary>Reads the directory of a zip archive, and checks it before it makes an object for each entry.</summary>
internal sealed class ZipDirectory
{
    private const int MaximumCount = 65_536;
    private const int MaximumDirectoryLength = 16 << 20;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int EntryLength = 46;
    private readonly WeightBytes _file;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    private ZipDirectory(WeightBytes file) => _file = file;

    /// <summary>The entries by their names, in the directory's order.</summary>
    /// <exception cref="WeightFileException">The archive is damaged, or claims more than its bytes hold.</exception>
    public static Dictionary<string, ZipEntry> Read(WeightBytes file)
    {
        ZipDirectory directory = new(file);
        (long offset, long length, long count) = directory.FindDirectory();
        if (length > MaximumDirectoryLength)
        {
            throw file.Refuse("the zip directory", $"{length} bytes long; at most {MaximumDirectoryLength} are read");
        }

        directory.ReadDirectory(file.Read(offset, length, "the zip directory").Span, count);
        return directory._entries;
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

    // The zip64 extra field holds those of the three numbers that do not fit into 32 bits (APPNOTE.TXT 4.5.3).
    private static void ReadLargeSizes(ReadOnlySpan<byte> extra, ref long length, ref long packed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int fieldLength = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, fieldLength);
                ReadLarge(ref field, ref length);
                ReadLarge(ref field, ref packed);
                ReadLarge(ref field, ref offset);
                return;
            }

            extra = extra[(4 + fieldLength)..];
        }
    }

    private static void ReadLarge(ref ReadOnlySpan<byte> field, ref long value)
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
