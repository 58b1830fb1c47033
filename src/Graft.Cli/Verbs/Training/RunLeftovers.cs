namespace Graft.Cli.Verbs;

/// <summary>
/// Takes back what a run has begun that came to nothing: data that cannot be used leave no folder behind.
/// </summary>
internal sealed class RunLeftovers
{
    private static readonly string[] s_begun = ["options.json", "log.jsonl", "seeds.json", "images.csv"];

    private readonly string _folder;
    private readonly bool _isNew;
    private readonly bool _isParentNew;

    /// <param name="folder">Of a run that is about to begin.</param>
    public RunLeftovers(string folder)
    {
        _folder = Path.GetFullPath(folder);
        _isNew = !Path.Exists(_folder);
        _isParentNew = !Path.Exists(Path.GetDirectoryName(_folder));
    }

    /// <summary>Removes the folder if the run made it and nothing lies in it but what a run begins with.</summary>
    public void Remove()
    {
        if (
            !_isNew
            || !Directory.Exists(_folder)
            || Directory.EnumerateFileSystemEntries(_folder).Any(path => !s_begun.Contains(Path.GetFileName(path)))
        )
        {
            return;
        }

        Directory.Delete(_folder, recursive: true);
        string parent = Path.GetDirectoryName(_folder)!;
        if (_isParentNew && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
        }
    }
}
