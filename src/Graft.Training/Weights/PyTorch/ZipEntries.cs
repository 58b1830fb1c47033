using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the entries of a zip archive (APPNOTE.TXT 4.3, with zip64). .NET's own reader makes as many objects as a file
/// claims entries, and copies stored entries through a stream. This one limits the count first, and reads a stored
/// entry in one step.
/// </summary>
internal sealed class ZipEntries
{
    private const int LocalLength = 30;
    private readonly WeightBytes _file;
    private readonly Dictionary<string, ZipEntry> _entries;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="WeightFileException">The archive is damaged, or claims more than its bytes hold.</exception>
    public ZipEntries(WeightBytes file)
    {
        _file = file;
        _entries = ZipDirectory.Read(file);
    }

    /// <summary>Names of all entries, in the directory's order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>The entry of a name; null where there is none.</summary>
    public ZipEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Whether a file that begins with these bytes is a zip archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Reads an entry, and counts its memory against <paramref name="budget"/> first.</summary>
    /// <exception cref="WeightFileException">The entry is damaged, or takes more memory than is left.</exception>
    public ReadOnlyMemory<byte> Read(ZipEntry entry, MemoryBudget budget)
    {
        string place = $"entry '{entry.Name}'";
        ReadOnlySpan<byte> local = _file.Read(entry.HeaderOffset, LocalLength, place).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034b50)
        {
            throw _file.Refuse(place, $"has no zip header at byte {entry.HeaderOffset}");
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
        // Deflate packs at most 1032 to 1 (zlib, "Maximum Compression Factor"), so a larger claim is false.
        if (entry.Length > Array.MaxLength || entry.Length / 1032 > entry.PackedLength)
        {
            throw _file.Refuse(place, $"{entry.PackedLength} bytes cannot unpack to {entry.Length}");
        }

        budget.Reserve(entry.PackedLength, place);
        ReadOnlyMemory<byte> packed = _file.Read(start, entry.PackedLength, place);
        // WeightBytes always returns arrays.
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

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);
}
