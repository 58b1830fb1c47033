namespace Graft.Training.Bodies;

/// <summary>
/// A file that is being fetched: NAME.part, and NAME.part.tag with the version that the server gave it, so that a later
/// run can go on where this one ended.
/// </summary>
internal sealed class PartialFile(string target)
{
    private const int LongestTag = 1024;

    public string PartPath => target + ".part";

    private string TagPath => PartPath + ".tag";

    /// <summary>Bytes that are there already.</summary>
    public long Length => File.Exists(PartPath) ? new FileInfo(PartPath).Length : 0;

    /// <summary>The ETag or Last-Modified under which the bytes were sent; null where the server gave none.</summary>
    public string? Tag =>
        File.Exists(TagPath) && new FileInfo(TagPath).Length <= LongestTag ? File.ReadAllText(TagPath) : null;

    /// <summary>Opens the file behind what is there, or anew.</summary>
    /// <exception cref="IOException">Another process is writing it.</exception>
    public FileStream Open(bool append, string? tag)
    {
        FileStream stream = new(PartPath, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
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

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public string Hash() => BodyLoader.Hash(PartPath);

    /// <summary>Gives the whole file its name.</summary>
    public void Finish()
    {
        File.Move(PartPath, target, overwrite: true);
        File.Delete(TagPath);
    }

    public void Discard()
    {
        File.Delete(PartPath);
        File.Delete(TagPath);
    }
}
