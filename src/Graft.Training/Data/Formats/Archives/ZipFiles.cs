using System.Buffers.Binary;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Zip;
using Microsoft.Win32.SafeHandles;
using ZipFile = ICSharpCode.SharpZipLib.Zip.ZipFile;

namespace Graft.Training.Data;

/// <summary>
/// Lists the files of a zip archive. Each is opened at its place in the archive and decompressed as it is read, so
/// nothing is unpacked to disk. Layout: PKWARE's APPNOTE.TXT 6.3.
/// </summary>
internal static class ZipFiles
{
    private const int LocalHeaderBytes = 30;
    private const int UnixLink = 0xA000;
    private const int UnixKind = 0xF000;

    /// <summary>True for a file that begins as zip archives do.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8);

    /// <summary>The files in ordinal order of their paths, without labels.</summary>
    /// <param name="file">The open archive.</param>
    /// <param name="limits">What it may hold.</param>
    /// <param name="encoding">Encoding of names that are not UTF-8; null: as the format says.</param>
    /// <exception cref="GraftException">The archive is damaged, encrypted, or beyond the limits.</exception>
    public static IReadOnlyList<ScannedFile> List(SafeFileHandle file, ArchiveLimits limits, string? encoding)
    {
        long length = RandomAccess.GetLength(file);
        if (ZipEntryCount.Read(file, length) is long count && count > ArchiveLimits.MostEntries)
        {
            throw limits.TooMany();
        }

        try
        {
            using ZipFile zip = new(new FileSlice(file, 0, length), leaveOpen: false, ZipNames.Codec);
            List<ScannedFile> files = [];
            HashSet<long> places = [];
            foreach (ZipEntry entry in zip)
            {
                limits.Count();
                string name = ZipNames.Of(entry, encoding);
                if (entry.IsDirectory)
                {
                    limits.AdmitFolder(name);
                }
                else if (Read(entry, name, file, limits, places) is ScannedFile found)
                {
                    files.Add(found);
                }
            }

            files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
            return files;
        }
        // damaged archives make SharpZipLib throw many types
        catch (Exception error) when (error is not (GraftException or OutOfMemoryException))
        {
            throw limits.Damaged(error);
        }
    }

    private static ScannedFile? Read(
        ZipEntry entry,
        string name,
        SafeFileHandle file,
        ArchiveLimits limits,
        HashSet<long> places
    )
    {
        if (((entry.ExternalFileAttributes >> 16) & UnixKind) == UnixLink)
        {
            throw limits.NoFile(name, "a link");
        }

        if (entry.IsCrypted)
        {
            throw limits.NoFile(name, "encrypted");
        }

        string? path = limits.Admit(name, entry.Size, entry.CompressedSize);
        if (entry.CompressionMethod is not (CompressionMethod.Stored or CompressionMethod.Deflated))
        {
            throw limits.NoFile(name, $"compressed by {entry.CompressionMethod}, not by Deflate");
        }

        // two entries at one place unpack the same bytes twice, as the densest bombs do
        if (entry.Size > 0 && !places.Add(entry.Offset))
        {
            throw limits.NoFile(name, "at the place of another one");
        }

        bool isStored = entry.CompressionMethod == CompressionMethod.Stored;
        (long offset, long packed, long size) = (entry.Offset, entry.CompressedSize, entry.Size);
        return path is null
            ? null
            : new ScannedFile(path, "", null, null) { Open = _ => new(Open(file, offset, packed, size, isStored)) };
    }

    private static LimitedStream Open(SafeFileHandle file, long offset, long packed, long size, bool isStored)
    {
        Span<byte> header = stackalloc byte[LocalHeaderBytes];
        if (RandomAccess.Read(file, header, offset) < LocalHeaderBytes || !header.StartsWith("PK\x03\x04"u8))
        {
            throw new InvalidDataException("its place in the archive is damaged");
        }

        int names =
            BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        FileSlice data = new(file, offset + LocalHeaderBytes + names, packed);
        return new LimitedStream(isStored ? data : new DeflateStream(data, CompressionMode.Decompress), size);
    }
}
