using System.Globalization;
using System.Xml.Linq;

namespace Graft.Training.Metrics;

/// <summary>A confusion matrix: rows are true classes, columns are answers.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="Names">Names of the classes, in the order of rows and columns.</param>
/// <param name="Counts">[C][C] images.</param>
internal sealed record MatrixChart(string Title, IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<int>> Counts)
    : Chart(Title)
{
    private const double Cell = 34;
    private const double CharacterWidth = 6.8;
    private const int LongestName = 22;
    private const string Right = "#1e6fd9";
    private const string Wrong = "#c4570b";

    private double Margin => 24 + (CharacterWidth * Math.Min(LongestName, Names.Max(name => name.Length)));

    /// <summary>The chart as large as its classes need.</summary>
    public MatrixChart AsLargeAsNeeded() =>
        this with
        {
            Width = Margin + (Cell * Names.Count) + 12,
            Height = Margin + (Cell * Names.Count) + 12,
        };

    /// <inheritdoc/>
    protected override void AddTo(XElement svg)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            double middle = Margin + (Cell * (i + 0.5)) + 4;
            svg.Add(Text(Short(Names[i]), Margin - 8, middle, "end"));
            XElement column = Text(Short(Names[i]), middle, Margin - 8, "start");
            column.SetAttributeValue(
                "transform",
                string.Create(CultureInfo.InvariantCulture, $"rotate(-90 {Number(middle)} {Number(Margin - 8)})")
            );
            svg.Add(column);
            int support = Counts[i].Sum();
            for (int j = 0; j < Names.Count; j++)
            {
                AddCell(svg, i, j, support);
            }
        }
    }

    private void AddCell(XElement svg, int row, int column, int support)
    {
        int count = Counts[row][column];
        (double x, double y) = (Margin + (Cell * column), Margin + (Cell * row));
        double share = count / (double)Math.Max(1, support);
        XElement cell = Element(
            "rect",
            ("x", x + 1),
            ("y", y + 1),
            ("width", Cell - 2),
            ("height", Cell - 2),
            ("fill", row == column ? Right : Wrong),
            ("fill-opacity", count == 0 ? 0.04 : 0.15 + (0.6 * share))
        );
        svg.Add(Titled(cell, $"{Names[row]}, answered {Names[column]}: {count}"));
        if (count > 0)
        {
            svg.Add(Text(count.ToString(CultureInfo.InvariantCulture), x + (Cell / 2), y + (Cell / 2) + 4, "middle"));
        }
    }

    private static string Short(string name) => name.Length > LongestName ? $"{name[..(LongestName - 1)]}…" : name;
}
