using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>
/// Lists a folder as training and prediction see it. Hidden files, the files of operating systems and those in
/// ignore.txt are left out. Reads no image.
/// </summary>
public sealed class ImageFolder
{
    private static readonly HashSet<string> s_systemNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "Icon\r",
        "__MACOSX",
        "@eaDir",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
    };

    private readonly string root;
    private readonly ImageFolderOptions options;
    private readonly IgnoreList ignored;
    private readonly FolderLinks links;
    private readonly List<FolderFile> files = [];
    private readonly List<ListedFolder> folders = [];
    private readonly HashSet<string> withIgnored = [];

    private ImageFolder(string root, ImageFolderOptions options)
    {
        this.root = root;
        this.options = options;
        ignored = IgnoreList.Read(root, options.Encoding);
        links = new(root, options.FollowLinks);
    }

    /// <summary>The files and folders in a folder, at any depth: the same order on every machine.</summary>
    /// <param name="folder">Path of the folder, which may be a link.</param>
    /// <param name="options">How to walk; null: the defaults.</param>
    /// <exception cref="GraftException">A folder cannot be read or lies too deep.</exception>
    public static FolderListing List(string folder, ImageFolderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ImageFolder walk = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), options ?? new());
        walk.Visit(new DirectoryInfo(walk.root), "", 0);
        walk.files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new(
            walk.files,
            [
                .. walk
                    .folders.Select(one => one with { HasIgnored = walk.withIgnored.Contains(one.Path) })
                    .OrderBy(one => one.Path, StringComparer.Ordinal),
            ]
        );
    }

    /// <summary>
    /// True for the names of hidden files and folders and of those that operating systems leave behind.
    /// </summary>
    /// <param name="name">Name of a file or folder, without its path.</param>
    public static bool IsHiddenName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith('.') || s_systemNames.Contains(name);
    }

    private void Visit(DirectoryInfo folder, string prefix, int depth)
    {
        if (depth > options.Depth)
        {
            throw Unreadable(
                prefix,
                $"it lies deeper than {options.Depth} folders; "
                    + $"move it up, list it in {IgnoreList.FileName} or raise the limit"
            );
        }

        foreach (FileSystemInfo entry in Entries(folder, prefix))
        {
            string path = prefix + entry.Name;
            if (IsHidden(entry) || path == IgnoreList.FileName)
            {
                continue;
            }

            if (ignored.Contains(path))
            {
                NoteIgnored(prefix);
            }
            else if (entry is DirectoryInfo inner)
            {
                Enter(inner, path, depth);
            }
            else
            {
                Add((FileInfo)entry, path);
            }
        }
    }

    private void Enter(DirectoryInfo folder, string path, int depth)
    {
        if (!options.IsRecursive)
        {
            return;
        }

        string? problem = NameProblem(folder) ?? links.Enter(folder);
        folders.Add(new(path) { Problem = problem });
        if (problem is null)
        {
            Visit(folder, path + "/", depth + 1);
            links.Leave();
        }
    }

    private void Add(FileInfo file, string path)
    {
        string? badName = NameProblem(file);
        string? problem = badName ?? links.ProblemOf(file);
        // a link to nothing may have led to a folder
        if (problem is not null && badName is null && Path.GetExtension(path).Length == 0)
        {
            folders.Add(new(path) { Problem = problem });
            return;
        }

        files.Add(
            new(path, file.FullName)
            {
                Problem = problem,
                Fault = badName is null ? ImageFault.LinkNotFollowed : ImageFault.Unreadable,
            }
        );
    }

    private void NoteIgnored(string prefix)
    {
        for (int end = prefix.LastIndexOf('/'); end > 0; end = prefix.LastIndexOf('/', end - 1))
        {
            withIgnored.Add(prefix[..end]);
        }
    }

    private FileSystemInfo[] Entries(DirectoryInfo folder, string prefix)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason =
                error is UnauthorizedAccessException
                    ? "it may not be listed; change its permissions"
                    : "it could not be listed; check the disk";
            throw Unreadable(prefix, reason, error);
        }
    }

    private GraftException Unreadable(string path, string reason, Exception? inner = null) =>
        new($"'{Printable.Text(path.Length == 0 ? root : path.TrimEnd('/'))}' cannot be read: {reason}", inner);

    // Linux names are bytes. .NET shows the bytes that are no UTF-8 as U+FFFD, and then cannot find the file.
    private static string? NameProblem(FileSystemInfo entry) =>
        !OperatingSystem.IsWindows()
        && entry.Name.Contains('\uFFFD')
        && entry.LinkTarget is null
        && !Path.Exists(entry.FullName)
            ? "its name is not UTF-8; rename it, for example with convmv, or move it away"
            : null;

    // Windows alone marks system files; elsewhere a name that is not UTF-8 reports all attributes.
    private static bool IsHidden(FileSystemInfo entry) =>
        IsHiddenName(entry.Name) || (OperatingSystem.IsWindows() && entry.Attributes.HasFlag(FileAttributes.System));
}
