namespace Graft.AspNetCore;

/// <summary>Length and time of a file, by which a change is noticed without reading it.</summary>
/// <param name="Length">Bytes; -1 where the file is missing.</param>
/// <param name="Written">Time of the last write.</param>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    /// <summary>The stamp of a file as it is now.</summary>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? new(file.Length, file.LastWriteTimeUtc) : new(-1, default);
    }
}
