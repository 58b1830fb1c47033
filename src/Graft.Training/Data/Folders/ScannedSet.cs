namespace Graft.Training.Data;

/// <summary>What a folder or a list says of its images, before any of them is read.</summary>
/// <param name="Files">The files, in ordinal order of their paths.</param>
internal sealed record ScannedSet(IReadOnlyList<ScannedFile> Files)
{
    /// <summary>The folders of the classes; empty for a list.</summary>
    public IReadOnlyList<ClassFolder> ClassFolders { get; init; } = [];

    /// <summary>True if the images are boxes of larger ones.</summary>
    public bool AreCropped { get; init; }

    /// <summary>What the user should know, one line each, safe to print.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the user should look at, one line each, safe to print.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
