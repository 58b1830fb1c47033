using System.Text.RegularExpressions;

namespace Graft.Architecture.Tests.Documents;

public sealed partial class PageTests
{
    private const int LongestReadme = 80;

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_of_the_repository()
    {
        Dictionary<string, MarkdownPage> pages = MarkdownPage.All.ToDictionary(page => page.Path);

        Assert.NotEmpty(pages);
        Assert.Empty(
            MarkdownPage.All.SelectMany(page => page.Links.Select(link => Problem(page, link, pages))).OfType<string>()
        );
    }

    [Fact]
    public void The_readme_has_at_most_80_lines()
    {
        MarkdownPage readme = MarkdownPage.All.Single(page => page.Path == "README.md");

        Assert.InRange(readme.LineCount, 1, LongestReadme);
    }

    [Fact]
    public void No_page_speaks_of_issues_wishes_or_plans()
    {
        Assert.Empty(
            MarkdownPage
                .All.Where(page => !page.IsNote)
                .SelectMany(page =>
                    page.Prose()
                        .Where(line => Diary().IsMatch(line.Text))
                        .Select(line => $"{page.Path}:{line.Number}: {line.Text}")
                )
        );
    }

    private static string? Problem(
        MarkdownPage page,
        (string Target, int Line) link,
        Dictionary<string, MarkdownPage> pages
    )
    {
        if (link.Target.Contains("://", StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = link.Target.Split('#', 2);
        string folder = Path.GetDirectoryName(page.Path) ?? "";
        string path =
            parts[0].Length == 0
                ? page.Path
                : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, folder, parts[0]));
        path = path.Replace('\\', '/');
        if (!Path.Exists(Path.Combine(Repository.Root, path)))
        {
            return $"{page.Path}:{link.Line}: no file {path}";
        }

        return
            parts.Length == 2 && pages.TryGetValue(path, out MarkdownPage? target) && !target.Anchors.Contains(parts[1])
            ? $"{page.Path}:{link.Line}: no heading #{parts[1]} in {path}"
            : null;
    }

    [GeneratedRegex(@"\bissues? #?\d|\basked for\b|\bchanged from the plan\b", RegexOptions.IgnoreCase)]
    private static partial Regex Diary();
}
