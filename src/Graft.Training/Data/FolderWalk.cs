using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Lists the files of a folder, at any depth, in ordinal order of their relative paths, which is the same on every
/// machine.
/// </summary>
internal sealed class FolderWalk
{
    private readonly string root;
    private readonly int deepest;
    private readonly IgnoreList ignored;
    private readonly List<ScannedFile> found = [];

    private FolderWalk(string root, int deepest)
    {
        this.deepest = deepest;
        this.root = root;
        ignored = IgnoreList.Read(root);
    }

    /// <summary>
    /// All files except hidden ones, system files and those in ignore.txt, without labels. A link that is not followed
    /// has a problem.
    /// </summary>
    /// <exception cref="GraftException">A folder cannot be read, lies too deep or is a link out of the set.</exception>
    public static IReadOnlyList<ScannedFile> List(string folder, int deepest)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        // the folder itself may be a link
        FileSystemInfo? target = new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true);
        FolderWalk walk = new(target?.FullName ?? full, deepest);
        walk.Visit(new DirectoryInfo(walk.root), "", 0);
        walk.found.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return walk.found;
    }

    private void Visit(DirectoryInfo folder, string prefix, int depth)
    {
        if (depth > deepest)
        {
            throw Unreadable(
                prefix,
                $"it lies deeper than {deepest} folders; move it up, list it in ignore.txt or raise the limit"
            );
        }

        foreach (FileSystemInfo entry in Entries(folder, prefix))
        {
            string path = prefix + entry.Name;
            if (IsHidden(entry) || path == IgnoreList.FileName || ignored.Contains(path))
            {
                continue;
            }

            bool isLink = entry.LinkTarget is not null;
            if (entry is DirectoryInfo inner)
            {
                if (isLink)
                {
                    throw Unreadable(
                        path,
                        "it is a link to a folder, and links are not followed; "
                            + "copy the folder here or list it in ignore.txt"
                    );
                }

                Visit(inner, path + "/", depth + 1);
            }
            else
            {
                string? problem = isLink ? LinkProblem(entry) : null;
                found.Add(
                    new ScannedFile(
                        path,
                        entry.FullName,
                        null,
                        null,
                        problem is null ? null : new(path, problem) { Fault = ImageFault.LinkNotFollowed }
                    )
                );
            }
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

    // A link within the folder is a copy of its target, and copies stay in one part.
    private string? LinkProblem(FileSystemInfo link)
    {
        try
        {
            FileSystemInfo? target = link.ResolveLinkTarget(returnFinalTarget: true);
            bool isInside =
                target is FileInfo { Exists: true }
                && target.FullName.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            return isInside
                ? null
                : "it is a link that leads out of the folder or to nothing; "
                    + "copy the file here or list it in ignore.txt";
        }
        catch (IOException)
        {
            return "it is a link that leads in a circle; delete it or list it in ignore.txt";
        }
    }

    private static bool IsHidden(FileSystemInfo entry) =>
        entry.Name.StartsWith('.')
        || entry.Attributes.HasFlag(FileAttributes.System)
        || entry.Name is "Thumbs.db" or "desktop.ini" or "__MACOSX" or "@eaDir" or "$RECYCLE.BIN";
}
