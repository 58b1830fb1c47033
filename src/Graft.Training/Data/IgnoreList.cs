using System.Text;
using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// The files that <c>ignore.txt</c> excludes: one relative path or pattern per line; '#' begins a comment. '*' and '?'
/// match within a name, '**' across folders. A pattern without '/' matches names at any depth. A folder excludes all
/// its files.
/// </summary>
internal sealed class IgnoreList
{
    public const string FileName = "ignore.txt";
    private const long LongestFile = 4 << 20;

    private const int LongestLine = 4096; // longest path on Linux

    private readonly List<Regex> patterns = [];

    // whole paths without wildcards, so that a list of many thousands stays fast
    private readonly HashSet<string> plain = new(StringComparer.Ordinal);

    /// <summary>The list in <paramref name="folder"/>; empty where there is no file.</summary>
    public static IgnoreList Read(string folder)
    {
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
            foreach (string line in File.ReadLines(file.FullName).Select(line => line.Trim()))
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
        for (int end = path.Length; plain.Count > 0 && end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (plain.Contains(path[..end]))
            {
                return true;
            }
        }

        return patterns.Exists(pattern => pattern.IsMatch(path));
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

    private static Regex ToRegex(string glob)
    {
        StringBuilder expression = new(glob.Contains('/') ? "^" : "(^|/)");
        glob = glob.TrimStart('/');
        for (int i = 0; i < glob.Length; i++)
        {
            bool isDouble = glob[i] == '*' && i + 1 < glob.Length && glob[i + 1] == '*';
            if (isDouble && i + 2 < glob.Length && glob[i + 2] == '/')
            {
                expression.Append("(.*/)?");
                i += 2;
            }
            else if (isDouble)
            {
                expression.Append(".*");
                i++;
            }
            else
            {
                expression.Append(
                    glob[i] switch
                    {
                        '*' => "[^/]*",
                        '?' => "[^/]",
                        char other => Regex.Escape(other.ToString()),
                    }
                );
            }
        }

        // NonBacktracking: no pattern takes more than linear time
        return new Regex(
            expression.Append("(/|$)").ToString(),
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline
        );
    }
}
