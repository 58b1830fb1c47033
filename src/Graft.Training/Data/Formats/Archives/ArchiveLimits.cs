using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// What an archive may hold. Archives come from outside, so anything suspicious refuses the whole one.
/// </summary>
/// <param name="archive">The archive as it was given, for messages.</param>
/// <param name="deepest">Deepest level of nested folders.</param>
internal sealed class ArchiveLimits(string archive, int deepest)
{
    /// <summary>Most entries of one archive.</summary>
    public const int MostEntries = 500_000;

    /// <summary>Most bytes that an archive may unpack to.</summary>
    public const long MostBytes = 256L << 30;

    /// <summary>Size above which an entry's ratio counts: small files of one colour shrink a lot.</summary>
    public const long HarmlessBytes = 16L << 20;

    /// <summary>Largest ratio of unpacked to packed bytes. Pictures reach 5, plain bitmaps rarely 100.</summary>
    public const int MostRatio = 200;

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private long _count;
    private long _total;

    /// <summary>The folders of all entries so far.</summary>
    public IReadOnlySet<string> Folders => _folders;

    /// <summary>Counts an entry of any kind.</summary>
    public void Count()
    {
        if (++_count > MostEntries)
        {
            throw TooMany();
        }
    }

    public GraftException TooMany() =>
        Refuse($"it has more than {MostEntries:N0} entries; divide it into several archives");

    /// <summary>The path of a file in the archive, with '/'; null for one that no system would show.</summary>
    /// <exception cref="GraftException">The path leaves the archive, or the file is too large for its packed
    /// size.</exception>
    public string? Admit(string name, long length, long packed)
    {
        string path = PathOf(name);
        CheckPath(name, path);
        CheckSize(name, length, packed);
        if (path.Split('/').Any(ImageFolder.IsHiddenName))
        {
            return null;
        }

        _folders.UnionWith(Archive.FoldersOf(path));
        return _paths.Add(path)
            ? path
            : throw Refuse($"two of its entries are called '{Printable.Text(path)}'; pack it again");
    }

    /// <summary>Counts a folder that the archive names.</summary>
    /// <exception cref="GraftException">Its path leaves the archive.</exception>
    public void AdmitFolder(string name)
    {
        string path = PathOf(name).TrimEnd('/');
        if (path.Length > 0 && path != ".")
        {
            CheckPath(name, path);
            if (!path.Split('/').Any(ImageFolder.IsHiddenName))
            {
                _folders.UnionWith(Archive.FoldersOf(path + "/"));
            }
        }
    }

    /// <summary>Refuses an entry that is no plain file.</summary>
    public GraftException NoFile(string name, string kind) =>
        Refuse($"its entry '{Printable.Text(name)}' is {kind}; pack it again with plain files only");

    public GraftException Damaged(Exception? error = null) =>
        Refuse("it is damaged or not complete; fetch or pack it again", error);

    public GraftException Refuse(string reason, Exception? error = null) =>
        new($"'{Printable.Text(archive)}' cannot be used: {reason}", error);

    private static string PathOf(string name)
    {
        string path = name.Replace('\\', '/');
        while (path.StartsWith("./", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        return path;
    }

    private void CheckPath(string name, string path)
    {
        string[] names = path.Split('/');
        bool isAbsolute = path.StartsWith('/') || (path.Length > 1 && path[1] == ':');
        if (isAbsolute || names.Contains(".."))
        {
            throw Refuse(
                $"its entry '{Printable.Text(name)}' leads out of the archive; pack it again with paths inside it"
            );
        }

        // the reader of tar archives writes U+FFFD for bytes that are not UTF-8
        string? problem =
            path.Length == 0 ? "no name"
            : path.Any(char.IsControl) ? "control characters in its name"
            : path.Contains('\uFFFD') ? "a name that is not UTF-8"
            : null;
        if (problem is not null)
        {
            throw Refuse($"its entry '{Printable.Text(name)}' has {problem}; rename it");
        }

        if (names.Length - 1 > deepest)
        {
            throw Refuse(
                $"its entry '{Printable.Text(name)}' lies deeper than {deepest} folders; move it up or raise the limit"
            );
        }
    }

    private void CheckSize(string name, long length, long packed)
    {
        if (length < 0 || packed < 0)
        {
            throw Damaged();
        }

        if (length > HarmlessBytes && length / MostRatio > packed)
        {
            throw Refuse(
                $"its entry '{Printable.Text(name)}' unpacks to over {MostRatio} times its size, as archive bombs do; "
                    + "remove it"
            );
        }

        _total += Math.Min(length, MostBytes + 1);
        if (_total > MostBytes)
        {
            throw Refuse(
                $"it unpacks to more than {MostBytes >> 30} GiB at '{Printable.Text(name)}'; divide it into several"
            );
        }
    }
}
