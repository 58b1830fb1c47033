using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Graft.Infrastructure;

/// <summary>
/// Writes files that are either complete or absent. The content goes to a temporary file, which is flushed and renamed;
/// then the folder, which holds the new name, is flushed.
/// </summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class AtomicFile
{
    private const string TemporaryEnding = ".part";

    /// <summary>Writes bytes; an existing file is replaced.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="bytes">The whole content.</param>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream =>
        {
            stream.Write(bytes.Span[..(bytes.Length / 2)]);
            FaultPoint.Hit("file-half", path);
            stream.Write(bytes.Span[(bytes.Length / 2)..]);
        });

    /// <summary>Writes text in UTF-8 without a byte order mark; an existing file is replaced.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="text">The whole content.</param>
    public static void Write(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes content piece by piece; an existing file is replaced.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="fill">Writes the content to the stream that it receives.</param>
    public static void Write(string path, Action<Stream> fill)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(fill);
        string temporary = TemporaryPathOf(path);
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                fill(stream);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, path);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    /// <summary>
    /// The name of a file until it is complete. It contains the process id: two runs never write the same file.
    /// </summary>
    /// <param name="path">Path of the complete file.</param>
    public static string TemporaryPathOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return $"{path}.{Environment.ProcessId}{TemporaryEnding}";
    }

    /// <summary>Deletes the temporary files that killed processes left in a folder.</summary>
    /// <param name="folder">Path of the folder.</param>
    public static void DeleteLeftovers(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        foreach (string leftover in Directory.EnumerateFiles(folder, "*" + TemporaryEnding))
        {
            File.Delete(leftover);
        }
    }

    private static void Rename(string temporary, string path)
    {
        FaultPoint.Hit("file-whole", path);
        File.Move(temporary, path, overwrite: true);
        FaultPoint.Hit("file-renamed", path);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The cause of the failed write also prevents this; the caller gets the first exception.
        }
    }

    // .NET cannot open folders. Windows and some network folders refuse it; there the system decides when it stores
    // the name.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int handle = Open(folder, 0);
        if (handle >= 0)
        {
            _ = Flush(handle);
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
