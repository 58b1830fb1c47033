using System.Globalization;
using System.Net;
using System.Text;
using Graft.Infrastructure;

namespace Graft.Training.Release;

/// <summary>An HTML file that needs nothing else: its style and pictures lie in it, and it may load nothing.</summary>
internal sealed class HtmlPage
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1c1e;background:#fff}
        h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #ddd}h2 small,.quiet{color:#666;font-weight:400}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:.75rem}.small{grid-template-columns:repeat(auto-fill,minmax(11rem,1fr))}
        .card{border:1px solid #ddd;border-radius:.5rem;padding:.6rem;overflow-wrap:anywhere}.card img{max-height:9rem;max-width:48%;margin-right:2%;border-radius:.25rem}.small img{max-width:100%}
        .card b{display:block;font-weight:600}.leftOut{border-left:4px solid #c62828}.warning{border-left:4px solid #ef8c00}.note{border-left:4px solid #78909c}
        .wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0 1rem}th,td{padding:.15rem .7rem;text-align:right;border-bottom:1px solid #eee;white-space:nowrap}
        th:first-child,td:first-child{text-align:left}th{font-weight:600}tr.chosen td{font-weight:600}
        .figure{font-size:2.2rem;font-weight:600;line-height:1.2}svg{max-width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:currentColor}
        @media(prefers-color-scheme:dark){body{color:#eee;background:#161618}.card,h2,th,td{border-color:#444}h2 small,.quiet{color:#aaa}}
        """;

    private readonly StringBuilder _page = new();

    /// <param name="title">Also the first heading.</param>
    public HtmlPage(string title)
    {
        _page.Append(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">"
        );
        _page.Append(
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none';img-src data:;style-src 'unsafe-inline'\">"
        );
        _page.Append($"<title>{Text(title)}</title><style>{Style}</style><h1>{Text(title)}</h1>\n");
    }

    /// <summary>Appends what is HTML already; numbers in it are written as in English.</summary>
    public HtmlPage Append(FormattableString html)
    {
        _page.Append(html.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <param name="quiet">Behind it, smaller; null: nothing.</param>
    public HtmlPage Heading(string text, string? quiet = null) =>
        Append($"\n<h2>{Text(text)}{(quiet is null ? "" : $" <small>{Text(quiet)}</small>")}</h2>\n");

    public HtmlPage Paragraph(string text, string kind = "") =>
        Append($"<p{(kind.Length == 0 ? "" : $" class=\"{kind}\"")}>{Text(text)}</p>\n");

    /// <param name="head">Of the columns; the first one's cells are words, the others' numbers.</param>
    /// <param name="rows">Cells as text; a chosen one is bold.</param>
    public HtmlPage Table(IReadOnlyList<string> head, IEnumerable<(IReadOnlyList<string> Cells, bool IsChosen)> rows)
    {
        Append($"<div class=wide><table><tr>{string.Concat(head.Select(cell => $"<th>{Text(cell)}"))}");
        foreach ((IReadOnlyList<string> cells, bool isChosen) in rows)
        {
            Append(
                $"\n<tr{(isChosen ? " class=chosen" : "")}>{string.Concat(cells.Select(cell => $"<td>{Text(cell)}"))}"
            );
        }

        return Append($"</table></div>\n");
    }

    public override string ToString() => _page + "</html>\n";

    /// <summary>Names of files and classes are others' words: they become text, whatever they hold.</summary>
    public static string Text(string untrusted) => WebUtility.HtmlEncode(Printable.Text(untrusted));
}
