namespace Graft;

/// <summary>Files that are whole or not there: written beside, flushed to the disk, renamed.</summary>
internal static class AtomicFile
{
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string beside = BesideOf(path);
        try
        {
            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The name that a file has until it is whole; unique to the process, so that two runs never write the same one.</summary>
    public static string BesideOf(string path) => $"{path}.{Environment.ProcessId}.part";
}
