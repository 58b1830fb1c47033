using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Data;

/// <summary>
/// Lists the files of a tar archive by their places in it, so that each is opened without reading those before it.
/// Layout: POSIX.1-2017, pax.
/// </summary>
internal static class TarFiles
{
    private const int BlockBytes = 512;
    private const int MagicPlace = 257;
    private const int KindPlace = 156;
    private const int SizePlace = 124;
    private const long LongestHeader = 1 << 20;

    /// <summary>True for the first block of a tar archive.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length >= BlockBytes && start[MagicPlace..].StartsWith("ustar"u8);

    /// <summary>The files in ordinal order of their paths, without labels.</summary>
    /// <exception cref="GraftException">The archive is damaged or beyond the limits.</exception>
    public static IReadOnlyList<ScannedFile> List(SafeFileHandle file, ArchiveLimits limits)
    {
        long length = RandomAccess.GetLength(file);
        CheckHeaders(file, length, limits);
        try
        {
            using FileSlice stream = new(file, 0, length);
            using TarReader reader = new(stream, leaveOpen: true);
            List<ScannedFile> files = [];
            while (reader.GetNextEntry() is TarEntry entry)
            {
                limits.Count();
                if (Read(entry, file, length, limits) is ScannedFile found)
                {
                    files.Add(found);
                }
            }

            files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
            return files;
        }
        // damaged headers make the reader throw many types
        catch (Exception error) when (error is not (GraftException or OutOfMemoryException))
        {
            throw limits.Damaged(error);
        }
    }

    private static ScannedFile? Read(TarEntry entry, SafeFileHandle file, long length, ArchiveLimits limits)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory or TarEntryType.DirectoryList:
                limits.AdmitFolder(entry.Name);
                return null;
            case TarEntryType.GlobalExtendedAttributes:
                return null;
            case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                throw limits.NoFile(entry.Name, "a link");
            case not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile):
                throw limits.NoFile(entry.Name, "no plain file");
        }

        if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(IsSparse))
        {
            throw limits.NoFile(entry.Name, "a sparse file");
        }

        (long start, long size) = (entry.DataOffset, entry.Length);
        if (size > 0 && (start < 0 || size > length - start))
        {
            throw limits.Damaged();
        }

        return limits.Admit(entry.Name, size, packed: size) is string path
            ? new ScannedFile(path, "", null, null) { Open = _ => new(new FileSlice(file, start, size)) }
            : null;
    }

    private static bool IsSparse(string attribute) => attribute.StartsWith("GNU.sparse", StringComparison.Ordinal);

    // The reader reserves memory for extended headers by their declared size.
    private static void CheckHeaders(SafeFileHandle file, long length, ArchiveLimits limits)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        long entries = 0;
        for (long place = 0; place + BlockBytes <= length && RandomAccess.Read(file, block, place) == BlockBytes;)
        {
            if (block[0] == 0 || Size(block) is not long size || size > length)
            {
                return;
            }

            if (block[KindPlace] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K' && size > LongestHeader)
            {
                throw limits.Damaged();
            }

            if (++entries > 3L * ArchiveLimits.MostEntries)
            {
                throw limits.TooMany();
            }

            place += BlockBytes + ((size + BlockBytes - 1) / BlockBytes * BlockBytes);
        }
    }

    private static long? Size(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> digits = block.Slice(SizePlace, 12).Trim(" \0"u8);
        long size = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            size = (size * 8) + (digit - '0');
        }

        return size;
    }
}
