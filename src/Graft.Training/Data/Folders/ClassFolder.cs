namespace Graft.Training.Data;

/// <summary>A folder whose name is read as that of a class.</summary>
/// <param name="Path">Path relative to the set's folder, with '/'.</param>
/// <param name="Label">The class.</param>
internal sealed record ClassFolder(string Path, string Label)
{
    /// <summary>Why the folder was not entered; null where it was.</summary>
    public string? Problem { get; init; }

    /// <summary>True if ignore.txt excludes something in it, so that it may be empty on purpose.</summary>
    public bool HasIgnored { get; init; }
}
