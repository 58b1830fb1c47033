namespace Graft.Training.Bodies;

/// <summary>
/// An unfinished download: NAME.part with the first bytes, and NAME.part.tag with the version that the server states.
/// A later run continues it.
/// </summary>
/// <param name="target">Path of the finished file.</param>
internal sealed class PartialFile(string target)
{
    private const int LongestTag = 1024;

    /// <summary>Path of the file with the first bytes.</summary>
    public string PartPath => target + ".part";

    private string TagPath => PartPath + ".tag";

    /// <summary>Number of bytes received so far.</summary>
    public long Length => File.Exists(PartPath) ? new FileInfo(PartPath).Length : 0;

    /// <summary>The ETag or Last-Modified of the received bytes; null where the server sent none.</summary>
    public string? Tag =>
        File.Exists(TagPath) && new FileInfo(TagPath).Length <= LongestTag ? File.ReadAllText(TagPath) : null;

    /// <summary>Opens the file for writing.</summary>
    /// <param name="append">Whether to continue behind the received bytes; otherwise the file starts empty.</param>
    /// <param name="tag">Version that the server states; null where it states none.</param>
    /// <exception cref="IOException">Another process writes the file.</exception>
    public FileStream Open(bool append, string? tag)
    {
        // Without a buffer every received byte is in the file at once, where an interrupted download leaves it.
        FileMode mode = append ? FileMode.Append : FileMode.Create;
        FileStream stream = new(PartPath, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (tag is { Length: > 0 and <= LongestTag })
        {
            File.WriteAllText(TagPath, tag);
        }
        else
        {
            File.Delete(TagPath);
        }

        return stream;
    }

    /// <summary>SHA-256 of the received bytes in lower-case hexadecimal.</summary>
    public string Hash() => BodyLoader.Hash(PartPath);

    /// <summary>Renames the complete file to its target.</summary>
    public void Finish()
    {
        File.Move(PartPath, target, overwrite: true);
        File.Delete(TagPath);
    }

    /// <summary>Deletes the received bytes.</summary>
    public void Discard()
    {
        File.Delete(PartPath);
        File.Delete(TagPath);
    }
}
