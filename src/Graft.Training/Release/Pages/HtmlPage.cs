using System.Globalization;
using System.Net;
using System.Text;
using Graft.Infrastructure;

namespace Graft.Training.Release;

/// <summary>
/// A self-contained HTML page: style and pictures are embedded, and its security policy forbids loading anything.
/// </summary>
internal sealed class HtmlPage
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
        body{color:#1c1c1e;background:#fff}
        h1{font-size:1.4rem}
        h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #ddd}
        h2 small,.quiet{color:#666;font-weight:400}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:.75rem}
        .small{grid-template-columns:repeat(auto-fill,minmax(11rem,1fr))}
        .card{border:1px solid #ddd;border-radius:.5rem;padding:.6rem;overflow-wrap:anywhere}
        .card img{max-height:9rem;max-width:48%;margin-right:2%;border-radius:.25rem}
        .small img{max-width:100%}
        .card b{display:block;font-weight:600}
        .leftOut{border-left:4px solid #c62828}
        .warning{border-left:4px solid #ef8c00}
        .note{border-left:4px solid #78909c}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;margin:.5rem 0 1rem}
        th,td{padding:.15rem .7rem;text-align:right;border-bottom:1px solid #eee;white-space:nowrap}
        th:first-child,td:first-child{text-align:left}
        th{font-weight:600}
        tr.chosen td{font-weight:600}
        .figure{font-size:2.2rem;font-weight:600;line-height:1.2}
        svg{max-width:100%;height:auto}
        svg text{font:11px system-ui,sans-serif;fill:currentColor}
        @media(prefers-color-scheme:dark){
        body{color:#eee;background:#161618}
        .card,h2,th,td{border-color:#444}
        h2 small,.quiet{color:#aaa}
        }
        """;

    private readonly StringBuilder _page = new();

    /// <summary>Starts a page.</summary>
    /// <param name="title">Title and first heading. Untrusted text.</param>
    public HtmlPage(string title)
    {
        _page.Append(
            "<!doctype html><html lang=en><meta charset=utf-8>"
                + "<meta name=viewport content=\"width=device-width,initial-scale=1\">"
        );
        _page.Append(
            "<meta http-equiv=Content-Security-Policy "
                + "content=\"default-src 'none';img-src data:;style-src 'unsafe-inline'\">"
        );
        _page.Append($"<title>{Text(title)}</title><style>{Style}</style><h1>{Text(title)}</h1>\n");
    }

    /// <summary>Appends HTML. Numbers are formatted in the invariant culture.</summary>
    public HtmlPage Append(FormattableString html)
    {
        _page.Append(html.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Appends a heading.</summary>
    /// <param name="text">The heading. Untrusted text.</param>
    /// <param name="quiet">Smaller text behind it. Null: none.</param>
    public HtmlPage Heading(string text, string? quiet = null) =>
        Append($"\n<h2>{Text(text)}{(quiet is null ? "" : $" <small>{Text(quiet)}</small>")}</h2>\n");

    /// <summary>Appends a paragraph.</summary>
    /// <param name="text">The text. Untrusted text.</param>
    /// <param name="kind">CSS classes.</param>
    public HtmlPage Paragraph(string text, string kind = "") =>
        Append($"<p{(kind.Length == 0 ? "" : $" class=\"{kind}\"")}>{Text(text)}</p>\n");

    /// <summary>Appends a picture, or nothing for null.</summary>
    /// <param name="jpeg">A JPEG in base 64. Null: no picture.</param>
    /// <param name="alternative">Text in place of the picture. Untrusted text.</param>
    public HtmlPage Picture(string? jpeg, string alternative) =>
        jpeg is null ? this : Append($"<img alt=\"{Text(alternative)}\" src=\"data:image/jpeg;base64,{jpeg}\">");

    /// <summary>Appends a table. The first column is aligned left, the others right.</summary>
    /// <param name="head">Headings of the columns.</param>
    /// <param name="rows">The rows; chosen ones are bold.</param>
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

    /// <summary>The whole page.</summary>
    public override string ToString() => _page + "</html>\n";

    /// <summary>Encodes untrusted text, such as names of files and classes, for HTML.</summary>
    /// <param name="untrusted">Any text.</param>
    public static string Text(string untrusted) => WebUtility.HtmlEncode(Printable.Text(untrusted));
}
