using System.Runtime.InteropServices;

namespace Graft.Infrastructure;

/// <summary>
/// Files that are whole or not there: written beside, flushed to the disk, renamed; then the folder is flushed, which
/// holds the new name.
/// </summary>
internal static partial class AtomicFile
{
    private const string BesideEnding = ".part";

    public static void Write(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream =>
        {
            stream.Write(bytes.Span[..(bytes.Length / 2)]);
            FaultPoint.Hit("file-half", path);
            stream.Write(bytes.Span[(bytes.Length / 2)..]);
        });

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Lets <paramref name="fill"/> write the content piece by piece.</summary>
    public static void Write(string path, Action<Stream> fill)
    {
        string beside = TemporaryPathOf(path);
        try
        {
            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                fill(stream);
                stream.Flush(flushToDisk: true);
            }

            Rename(beside, path);
        }
        catch
        {
            DeleteQuietly(beside);
            throw;
        }
    }

    /// <summary>
    /// The name that a file has until it is whole; unique to the process, so that two runs never write the same one.
    /// </summary>
    public static string TemporaryPathOf(string path) => $"{path}.{Environment.ProcessId}{BesideEnding}";

    /// <summary>Deletes what killed processes left half-written in a folder.</summary>
    public static void DeleteLeftovers(string folder)
    {
        foreach (string leftover in Directory.EnumerateFiles(folder, "*" + BesideEnding))
        {
            File.Delete(leftover);
        }
    }

    private static void Rename(string beside, string path)
    {
        FaultPoint.Hit("file-whole", path);
        File.Move(beside, path, overwrite: true);
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
            // what made writing impossible makes this impossible too, and is what the caller must hear of
        }
    }

    // .NET opens no folders. Where the system refuses (Windows, some network folders) the name is as durable as the
    // system makes it.
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
