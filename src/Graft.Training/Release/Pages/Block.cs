using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>The pieces that sections of a page consist of.</summary>
internal static class Block
{
    /// <summary>A paragraph. The arguments are encoded.</summary>
    public static Markup Paragraph(FormattableString text) => Markup.Of($"<p>{Markup.Of(text)}</p>\n");

    /// <summary>A paragraph in a box.</summary>
    /// <param name="kind">"warning" or "note".</param>
    /// <param name="text">Text or <see cref="Markup"/>.</param>
    public static Markup Box(string kind, object text) => Markup.Of($"<p class=\"box {kind}\">{text}</p>\n");

    /// <summary>A heading below that of the section.</summary>
    public static Markup Heading(string text) => Markup.Of($"<h3>{text}</h3>\n");

    /// <summary>A table whose first column names the rows.</summary>
    /// <param name="caption">What the table shows.</param>
    /// <param name="head">Names of the columns.</param>
    /// <param name="rows">The rows; chosen ones stand out.</param>
    public static Markup Table(string caption, IReadOnlyList<string> head, IEnumerable<PageRow> rows) =>
        PageTemplate.Render(
            "table",
            new
            {
                Caption = caption,
                Head = head,
                Rows = rows.ToArray(),
            }
        );

    /// <summary>Something that is shown when the reader asks for it.</summary>
    public static Markup Details(string summary, Markup content) =>
        Markup.Of($"<details><summary>{summary}</summary>\n{content}</details>\n");

    /// <summary>A chart with its numbers as a table behind a disclosure.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="note">A sentence below it.</param>
    /// <param name="table">Its numbers.</param>
    public static Markup Chart(Chart chart, string note, Markup table) =>
        PageTemplate.Render(
            "chart",
            new
            {
                chart.Title,
                Svg = new Markup(chart.ToElement()),
                Note = note,
                Table = table,
            }
        );

    /// <summary>Pieces side by side where there is room.</summary>
    public static Markup Columns(IEnumerable<Markup> pieces) =>
        Markup.Of($"<div class=\"columns\">\n{Markup.Join(pieces)}</div>\n");

    /// <summary>Pictures with their captions.</summary>
    public static Markup Cards(IEnumerable<PageCard> cards) =>
        PageTemplate.Render("cards", new { Cards = cards.ToArray() });

    /// <summary>Names and values.</summary>
    public static Markup Facts(IEnumerable<(string Name, object Value)> facts) =>
        PageTemplate.Render("facts", new { Facts = facts.Select(fact => new { fact.Name, fact.Value }).ToArray() });

    /// <summary>Code that the reader copies.</summary>
    public static Markup Code(string title, string code) =>
        PageTemplate.Render("code", new { Title = title, Code = new Markup(LinesOf(code)) });

    // each line is encoded by itself: a line break in untrusted text would be shown as an escape
    private static string LinesOf(string code) => string.Join('\n', code.Split('\n').Select(Markup.Text));
}

/// <summary>A row of a table.</summary>
/// <param name="Cells">Texts, or <see cref="Markup"/>.</param>
internal sealed record PageRow(params IReadOnlyList<object> Cells)
{
    /// <summary>Whether the row stands out.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Whether the row sums up the others.</summary>
    public bool IsTotal { get; init; }
}

/// <summary>A picture, or several of them, with a caption.</summary>
/// <param name="Pictures">The pictures.</param>
/// <param name="Title">The first line.</param>
/// <param name="Text">The second line: text or <see cref="Markup"/>.</param>
/// <param name="Name">Name of the file. Untrusted text.</param>
internal sealed record PageCard(IReadOnlyList<Markup> Pictures, object Title, object Text, string Name)
{
    /// <summary>Colour of the edge: "right", "wrong", "leftOut", "warning" or "note".</summary>
    public string Kind { get; init; } = "note";
}

/// <summary>A section of a page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Note">A sentence below the heading; empty: none.</param>
/// <param name="Blocks">Its content.</param>
internal sealed record PageSection(string Id, string Title, string Note, IReadOnlyList<Markup> Blocks)
{
    /// <summary>The content as one piece.</summary>
    public Markup Content => Markup.Join(Blocks);
}
