using System.Text.RegularExpressions;
using System.Text.Unicode;
using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>
/// The files that <c>ignore.txt</c> excludes: one relative path or pattern per line; '#' begins a comment. '*' and '?'
/// match within a name, '**' across folders. A pattern without '/' matches names at any depth. A folder excludes all
/// its files.
/// </summary>
public sealed class IgnoreList
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "ignore.txt";

    private const long LongestFile = 4 << 20;

    private const int LongestLine = 4096; // longest path on Linux

    private static readonly string[] s_lineEnds = ["\r\n", "\n", "\r"];

    private readonly List<Regex> patterns = [];

    // whole paths without wildcards, so that a list of many thousands stays fast
    private readonly HashSet<string> plain = new(StringComparer.Ordinal);

    private IgnoreList() { }

    /// <summary>The list in a folder; empty where there is no file.</summary>
    /// <param name="folder">The folder that holds the ignore.txt.</param>
    /// <param name="encoding">Encoding of a list that is no UTF-8; null: such a list is refused.</param>
    /// <exception cref="GraftException">The list cannot be read, or a line is no pattern.</exception>
    public static IgnoreList Read(string folder, string? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        IgnoreList list = new();
        FileInfo file = new(Path.Combine(folder, FileName));
        if (!file.Exists)
        {
            return list;
        }

        if (file.Length > LongestFile)
        {
            throw new GraftException(
                $"'{Printable.Text(file.FullName)}' cannot be used: {file.Length:N0} bytes are no list of files; "
                    + "shorten it to under 4 MiB"
            );
        }

        try
        {
            int number = 0;
            string text = Text(file.FullName, encoding);
            foreach (string line in text.Split(s_lineEnds, StringSplitOptions.None).Select(line => line.Trim()))
            {
                number++;
                if (line.Length > 0 && line[0] != '#')
                {
                    list.Add(line, number, file.FullName);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(file.FullName)}' cannot be read: {Printable.Text(error.Message)}; "
                    + "change its permissions or delete it",
                error
            );
        }

        return list;
    }

    /// <summary>True if the list excludes a file.</summary>
    /// <param name="path">Path relative to the set's folder, with '/'.</param>
    public bool Contains(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        for (int end = path.Length; plain.Count > 0 && end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (plain.Contains(path[..end]))
            {
                return true;
            }
        }

        return patterns.Exists(pattern => pattern.IsMatch(path));
    }

    /// <summary>
    /// The text of a list. Graft writes lists in UTF-8 itself, so the encoding of the user's other files comes second.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="encoding">Encoding of a list that is no UTF-8; null: such a list is refused.</param>
    /// <exception cref="GraftException">The bytes are no text in this encoding.</exception>
    public static string Text(string path, string? encoding = null)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return TextFile.Decode(bytes, path, Utf8.IsValid(bytes) ? null : encoding, "Data.Encoding");
    }

    private void Add(string line, int number, string file)
    {
        string glob = line.Replace('\\', '/').TrimEnd('/');
        glob = glob.StartsWith("./", StringComparison.Ordinal) ? glob[2..] : glob;
        if (glob.Contains('/') && glob.IndexOfAny(['*', '?']) < 0)
        {
            plain.Add(glob.TrimStart('/'));
            return;
        }

        try
        {
            patterns.Add(
                glob.Length <= LongestLine
                    ? ToRegex(glob)
                    : throw new NotSupportedException($"{glob.Length} characters")
            );
        }
        catch (NotSupportedException error)
        {
            throw new GraftException(
                $"'{Printable.Text(file)}' cannot be used: line {number} is too long a pattern; shorten it",
                error
            );
        }
    }

    private static Regex ToRegex(string glob) =>
        GlobPattern.ToRegex(glob.TrimStart('/'), glob.Contains('/') ? "^" : "(^|/)", "(/|$)", ignoresCase: false);
}
