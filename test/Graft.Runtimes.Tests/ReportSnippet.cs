using System.Net;
using System.Text.RegularExpressions;

namespace Graft.Runtimes.Tests;

/// <summary>The programs of a run's report.html, as a reader copies them.</summary>
internal static partial class ReportSnippet
{
    /// <summary>The program below a heading.</summary>
    /// <param name="trained">The model, with its report beside it.</param>
    /// <param name="title">What the heading in the section "use" begins with.</param>
    public static string Of(TrainedModel trained, string title) =>
        WebUtility.HtmlDecode(
            Program()
                .Matches(
                    File.ReadAllText(Path.Combine(Path.GetDirectoryName(trained.Model)!, "report.html"))
                        .Split("<section id=\"use\"")[1]
                )
                .Single(match => match.Groups[1].Value.StartsWith(title, StringComparison.Ordinal))
                .Groups[2]
                .Value
        );

    [GeneratedRegex("<h3>([^<]*)</h3>\\s*<pre[^>]*><code>([^<]*)</code>")]
    private static partial Regex Program();
}
