using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// The files of a folder or an archive before they have labels, or one list on disk whose images lie beside it.
/// </summary>
internal sealed class DatasetFiles
{
    private const int DeepestImages = 16;

    private readonly Dictionary<string, ScannedFile> _byPath;
    private readonly string? _root;
    private Dictionary<string, ScannedFile?>? _byName;

    private DatasetFiles(string source, IReadOnlyList<ScannedFile> all, string? root)
    {
        Source = source;
        All = all;
        _root = root;
        _byPath = new(StringComparer.Ordinal);
        foreach (ScannedFile file in all)
        {
            _byPath[file.Path] = file;
        }
    }

    /// <summary>The source as it was given, for messages.</summary>
    public string Source { get; }

    /// <summary>All files in ordinal order of their paths; only the list itself where one is given.</summary>
    public IReadOnlyList<ScannedFile> All { get; }

    /// <summary>True if the source is one list on disk. Then any name is right, and only the content counts.</summary>
    public bool IsOneList { get; private init; }

    /// <summary>What holds the files, as in "a zip archive".</summary>
    public required string Container { get; init; }

    /// <summary>How lists are read.</summary>
    public required ImageSetOptions Options { get; init; }

    /// <summary>True for a tar archive, the only container of WebDataset samples.</summary>
    public bool IsTar => Container.EndsWith("tar archive", StringComparison.Ordinal);

    /// <summary>The files of a folder.</summary>
    public static DatasetFiles OfFolder(string folder, IReadOnlyList<ScannedFile> all, ImageSetOptions options) =>
        new(folder, all, Path.GetFullPath(folder)) { Container = "a folder", Options = options };

    /// <summary>The files of an archive. Its lists may name files inside it only.</summary>
    public static DatasetFiles OfArchive(string archive, Archive content, ImageSetOptions options) =>
        new(archive, content.Files, root: null) { Container = content.Kind, Options = options };

    /// <summary>One list. Its paths are relative to its folder.</summary>
    public static DatasetFiles OfList(string list, ImageSetOptions options)
    {
        string full = Path.GetFullPath(list);
        ScannedFile file = new(Path.GetFileName(full), full, null, null);
        return new(list, [file], Path.GetDirectoryName(full))
        {
            IsOneList = true,
            Container = "a file",
            Options = options,
        };
    }

    /// <summary>The lists of some name, or the given list if its extension is that of the name.</summary>
    public IEnumerable<ScannedFile> Lists(string name) =>
        All.Where(file =>
            IsOneList
                ? file.Path.EndsWith(Path.GetExtension(name), StringComparison.OrdinalIgnoreCase)
                : NameOf(file.Path).Equals(name, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>The file that a list means; null where there is none.</summary>
    /// <param name="list">The list that names it.</param>
    /// <param name="listed">Path relative to the list's folder, or a full one.</param>
    /// <param name="isForeign">True for a path of another machine or an address: then its end decides.</param>
    public ScannedFile? Find(ScannedFile list, string listed, bool isForeign = false)
    {
        string folder = FolderOf(list.Path);
        string path = listed.Replace('\\', '/');
        foreach (string start in (string[])[folder, "", folder + "images/", folder + "data/"])
        {
            if (At(start + path) is ScannedFile found)
            {
                return found;
            }
        }

        for (int slash = path.IndexOf('/'); isForeign && slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            string end = path[(slash + 1)..];
            if ((At(folder + end) ?? At(end)) is ScannedFile found)
            {
                return found;
            }
        }

        return isForeign ? NamesOnce().GetValueOrDefault(NameOf(path)) : null;
    }

    /// <summary>The files below a folder of the source; for one list, those on disk.</summary>
    /// <param name="folder">Path with its '/' at the end.</param>
    public IEnumerable<ScannedFile> Below(string folder)
    {
        string disk = Path.Combine(_root ?? "", folder);
        return !IsOneList ? All.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal))
            : !Directory.Exists(disk) ? []
            : Directory
                .EnumerateFiles(
                    disk,
                    "*",
                    new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = DeepestImages }
                )
                .Select(file => OnDisk(file));
    }

    public GraftException Problem(string reason, Exception? inner = null, string? option = null) =>
        new($"'{Printable.Text(Source)}' cannot be used: {reason}", inner) { Option = option };

    /// <summary>The path of a list, for messages.</summary>
    public static string Quoted(ScannedFile list) => $"'{Printable.Text(list.Path)}'";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The folder of a path with its '/'; empty at the top.</summary>
    public static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    private ScannedFile? At(string path)
    {
        string? inside = Normal(path);
        if (inside is not null && _byPath.TryGetValue(inside, out ScannedFile? known))
        {
            return known;
        }

        // a folder was walked: what is missing below it is missing or ignored
        if (_root is null || path.Contains('\0') || (inside is not null && !IsOneList))
        {
            return null;
        }

        string file = Path.GetFullPath(Path.Combine(_root, path));
        return File.Exists(file) ? OnDisk(file) : null;
    }

    private ScannedFile OnDisk(string file) =>
        new(Path.GetRelativePath(_root!, file).Replace(Path.DirectorySeparatorChar, '/'), file, null, null);

    // Null for a path that leaves the source.
    private static string? Normal(string path)
    {
        List<string> names = [];
        foreach (string name in path.Split('/'))
        {
            if (name == ".." && names.Count == 0)
            {
                return null;
            }

            if (name == "..")
            {
                names.RemoveAt(names.Count - 1);
            }
            else if (name is not ("" or "."))
            {
                names.Add(name);
            }
        }

        return path.StartsWith('/') || Path.IsPathRooted(path) ? null : string.Join('/', names);
    }

    private Dictionary<string, ScannedFile?> NamesOnce()
    {
        if (_byName is null)
        {
            _byName = new(StringComparer.Ordinal);
            foreach (ScannedFile file in All)
            {
                string name = NameOf(file.Path);
                _byName[name] = _byName.ContainsKey(name) ? null : file;
            }
        }

        return _byName;
    }
}
