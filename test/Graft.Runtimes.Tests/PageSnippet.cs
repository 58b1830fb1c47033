using Graft.Architecture.Tests.Documents;

namespace Graft.Runtimes.Tests;

/// <summary>The programs of docs/guide/other-runtimes, as a reader copies them.</summary>
internal static class PageSnippet
{
    /// <summary>A fenced block of a page.</summary>
    /// <param name="page">Name of the page.</param>
    /// <param name="language">The word behind the fence.</param>
    /// <param name="number">Which of several blocks, from 0.</param>
    public static string Of(string page, string language, int number = 0) =>
        MarkdownPage
            .All.Single(one => one.Path == $"docs/guide/other-runtimes/{page}.md")
            .Snippets.Where(snippet => snippet.Language == language)
            .ElementAt(number)
            .Text;
}
