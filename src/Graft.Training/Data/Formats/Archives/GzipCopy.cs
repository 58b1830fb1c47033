using System.IO.Compression;
using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Data;

/// <summary>
/// The decompressed content of a .gz file. Gzip has no way to start in the middle, so the content lies in one nameless
/// temporary file, which the system deletes with the process.
/// </summary>
internal static class GzipCopy
{
    private const int BufferBytes = 1 << 20;

    /// <summary>True for a file that begins as gzip does.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    /// <exception cref="GraftException">The file is damaged, a bomb, or the disk is full.</exception>
    public static SafeFileHandle Open(SafeFileHandle file, ArchiveLimits limits)
    {
        long packed = RandomAccess.GetLength(file);
        SafeFileHandle copy = CreateNameless(limits);
        try
        {
            using GZipStream content = new(new FileSlice(file, 0, packed), CompressionMode.Decompress);
            byte[] buffer = new byte[BufferBytes];
            long written = 0;
            for (int read = content.Read(buffer); read > 0; read = content.Read(buffer))
            {
                RandomAccess.Write(copy, buffer.AsSpan(0, read), written);
                written += read;
                CheckSize(written, packed, limits);
            }

            return copy;
        }
        catch (InvalidDataException error)
        {
            copy.Dispose();
            throw limits.Damaged(error);
        }
        catch (IOException error)
        {
            copy.Dispose();
            throw limits.Refuse(
                $"its content does not fit into '{Printable.Text(Folder())}' "
                    + $"({Printable.Text(error.Message.TrimEnd('.'))}); unpack it with gzip -d and name the .tar file",
                error
            );
        }
        catch (GraftException)
        {
            copy.Dispose();
            throw;
        }
    }

    private static void CheckSize(long written, long packed, ArchiveLimits limits)
    {
        if (written > ArchiveLimits.HarmlessBytes && written / ArchiveLimits.MostRatio > packed)
        {
            throw limits.Refuse(
                $"it unpacks to over {ArchiveLimits.MostRatio} times its size, as archive bombs do; fetch it again"
            );
        }

        if (written > ArchiveLimits.MostBytes)
        {
            throw limits.Refuse($"it unpacks to more than {ArchiveLimits.MostBytes >> 30} GiB; divide it into several");
        }
    }

    // /tmp lies in memory on many systems, and /var/tmp is for large files.
    private static string Folder() =>
        Environment.GetEnvironmentVariable("TMPDIR") is null && Directory.Exists("/var/tmp")
            ? "/var/tmp"
            : Path.GetTempPath();

    private static SafeFileHandle CreateNameless(ArchiveLimits limits)
    {
        string path = Path.Combine(Folder(), $"graft-{Guid.NewGuid():N}.tar");
        try
        {
            SafeFileHandle handle = File.OpenHandle(
                path,
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.Delete,
                FileOptions.DeleteOnClose
            );
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path); // the open file stays; no name outlives a killed process
            }

            return handle;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw limits.Refuse(
                $"no temporary file can be made in '{Printable.Text(Folder())}'; "
                    + "unpack it with gzip -d and name the .tar file",
                error
            );
        }
    }
}
