using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>
/// A pattern of file names, for shells that do not expand it: '*' and '?' match within a name, '**' across folders.
/// </summary>
internal sealed class FilePattern
{
    private static readonly char[] s_wildcards = ['*', '?'];

    private readonly Regex _below;

    private FilePattern(string folder, string below)
    {
        Folder = folder;
        IsDeep = below.Contains('/', StringComparison.Ordinal) || below.Contains("**", StringComparison.Ordinal);
        _below = GlobPattern.ToRegex(below, "^", "$", ignoresCase: OperatingSystem.IsWindows());
    }

    /// <summary>The folder in which files are sought; empty for the current one.</summary>
    public string Folder { get; }

    /// <summary>Whether files of folders below match too.</summary>
    public bool IsDeep { get; }

    /// <summary>The pattern that a word is; null where it has no wildcard or is the name of something.</summary>
    public static FilePattern? Of(string word)
    {
        string path = OperatingSystem.IsWindows() ? word.Replace('\\', '/') : word;
        int wildcard = path.IndexOfAny(s_wildcards);
        if (wildcard < 0 || Path.Exists(word))
        {
            return null;
        }

        int end = path.LastIndexOf('/', wildcard) + 1;
        return new(path[..end], path[end..]);
    }

    /// <summary>Whether a file matches.</summary>
    /// <param name="path">Path below <see cref="Folder"/>, with '/'.</param>
    public bool Matches(string path) => _below.IsMatch(path);
}
