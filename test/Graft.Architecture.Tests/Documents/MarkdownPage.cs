using System.Text.RegularExpressions;

namespace Graft.Architecture.Tests.Documents;

/// <summary>A fenced block of a page.</summary>
/// <param name="Place">File and line, for messages.</param>
/// <param name="Language">The word after the fence, in lower case.</param>
/// <param name="Text">The lines between the fences.</param>
/// <param name="IsRun">False where the line before the fence says <c>&lt;!-- not run: reason --&gt;</c>.</param>
internal sealed record Snippet(string Place, string Language, string Text, bool IsRun);

/// <summary>A Markdown file of the repository, taken apart as far as the tests need it.</summary>
internal sealed partial class MarkdownPage
{
    private readonly string[] _lines;

    private MarkdownPage(string path)
    {
        Path = path;
        _lines = Repository.Read(path).Split('\n');
        Snippets = FindSnippets();
    }

    /// <summary>Relative to the repository.</summary>
    public string Path { get; }

    public int LineCount => _lines.Length - (_lines[^1].Length == 0 ? 1 : 0);

    public IReadOnlyList<Snippet> Snippets { get; }

    /// <summary>The pages that a reader meets: README, docs and the like; notes apart.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. Repository
            .Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal))
            .OrderBy(path => path.StartsWith("docs/", StringComparison.Ordinal))
            .ThenBy(path => path, StringComparer.Ordinal)
            .Select(path => new MarkdownPage(path)),
    ];

    public bool IsNote => Path.StartsWith("docs/notes/", StringComparison.Ordinal);

    /// <summary>Targets of all links outside code, with their line numbers, counted from 1.</summary>
    public IEnumerable<(string Target, int Line)> Links =>
        Prose().SelectMany(line => Link().Matches(line.Text).Select(match => (match.Groups[1].Value, line.Number)));

    /// <summary>The anchors that GitHub gives to the headings.</summary>
    public IReadOnlySet<string> Anchors => Prose().Where(line => line.Text.StartsWith('#')).Select(Anchor).ToHashSet();

    /// <summary>Lines outside fenced blocks, inline code blanked.</summary>
    public IEnumerable<(string Text, int Number)> Prose()
    {
        bool isCode = false;
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode)
            {
                yield return (_lines[i], i + 1);
            }
        }
    }

    private static string Anchor((string Text, int Number) heading)
    {
        string text = heading.Text.TrimStart('#').Trim().ToLowerInvariant();
        return NotInAnchor().Replace(text, "").Replace(' ', '-');
    }

    private List<Snippet> FindSnippets()
    {
        List<Snippet> found = [];
        for (int i = 0; i < _lines.Length; i++)
        {
            if (!_lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }

            int first = i + 1;
            string language = _lines[i][3..].Trim().ToLowerInvariant();
            bool isRun = i == 0 || !_lines[i - 1].StartsWith("<!-- not run:", StringComparison.Ordinal);
            for (i = first; i < _lines.Length && !_lines[i].StartsWith("```", StringComparison.Ordinal); i++) { }

            found.Add(new($"{Path}:{first}", language, string.Join('\n', _lines[first..i]), isRun));
        }

        return found;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NotInAnchor();
}
