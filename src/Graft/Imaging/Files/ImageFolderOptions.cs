namespace Graft.Imaging;

/// <summary>How <see cref="ImageFolder.List"/> walks.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>Deepest level of nested folders, 1 to 1000.</summary>
    public int Depth { get; init; } = new Limits().FolderDepth;

    /// <summary>False: only the files that lie directly in the folder.</summary>
    public bool IsRecursive { get; init; } = true;

    /// <summary>
    /// True: links to files and folders are followed, wherever they lead. False, for data from outside: they are
    /// named as unusable.
    /// </summary>
    public bool FollowLinks { get; init; } = true;

    /// <summary>Encoding of an ignore.txt that is no UTF-8; null: such a file is refused.</summary>
    public string? Encoding { get; init; }
}
