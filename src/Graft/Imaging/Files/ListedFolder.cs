namespace Graft.Imaging;

/// <summary>A folder below the one that <see cref="ImageFolder.List"/> lists.</summary>
/// <param name="Path">Path relative to the listed folder, with '/' on every system. Untrusted text.</param>
public sealed record ListedFolder(string Path)
{
    /// <summary>Why the folder was not entered, with a way out; null where it was.</summary>
    public string? Problem { get; init; }

    /// <summary>True if ignore.txt excludes something in it.</summary>
    public bool HasIgnored { get; init; }
}
