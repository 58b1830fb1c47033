namespace Graft.Imaging;

/// <summary>A file that <see cref="ImageFolder.List"/> found. Its content has not been read.</summary>
/// <param name="Path">Path relative to the listed folder, with '/' on every system. Untrusted text.</param>
/// <param name="File">Full path.</param>
public sealed record FolderFile(string Path, string File)
{
    /// <summary>Why the file cannot be read, with a way out; null where nothing is known against it.</summary>
    public string? Problem { get; init; }

    /// <summary>Kind of the <see cref="Problem"/>.</summary>
    public ImageFault Fault { get; init; }

    /// <summary>True if the name is that of a picture.</summary>
    public bool IsNamedImage => ImageFormats.HasImageExtension(Path);
}
