using System.Globalization;
using System.Text;

namespace Graft.Training.Release;

/// <summary>A line of a chart.</summary>
/// <param name="Colour">As CSS writes it.</param>
/// <param name="Points">Both coordinates finite, from left to right.</param>
internal sealed record ChartLine(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over a grid, as SVG.</summary>
internal static class LineChart
{
    private const int Width = 420,
        Height = 240,
        Left = 48,
        Right = 12,
        Top = 12,
        Bottom = 46;
    private const int Steps = 4;

    /// <param name="x">The range across, and what it counts.</param>
    /// <param name="y">The range upwards.</param>
    public static string Draw(
        (double Low, double High, string Name) x,
        (double Low, double High) y,
        IReadOnlyList<ChartLine> lines
    )
    {
        double Across(double value) =>
            Left + ((Width - Left - Right) * (value - x.Low) / Math.Max(1e-12, x.High - x.Low));
        double Up(double value) =>
            Height - Bottom - ((Height - Top - Bottom) * (value - y.Low) / Math.Max(1e-12, y.High - y.Low));
        StringBuilder svg = new();
        Add(
            svg,
            $"<svg viewBox=\"0 0 {Width} {Height}\" width={Width} role=img aria-label=\"{HtmlPage.Text(string.Join(", ", lines.Select(line => line.Name)))}\">"
        );
        for (int i = 0; i <= Steps; i++)
        {
            double value = y.Low + ((y.High - y.Low) * i / Steps);
            Add(
                svg,
                $"<line x1={Left} x2={Width - Right} y1={Up(value):0.#} y2={Up(value):0.#} stroke=currentColor stroke-opacity=.15 /><text x={Left - 6} y={Up(value) + 4:0.#} text-anchor=end>{value:0.##}</text>"
            );
        }

        foreach (double value in new[] { x.Low, x.High }.Distinct())
        {
            Add(svg, $"<text x={Across(value):0.#} y={Height - Bottom + 16} text-anchor=middle>{value:0.##}</text>");
        }

        Add(
            svg,
            $"<text x={(Width + Left) / 2} y={Height - Bottom + 16} text-anchor=middle>{HtmlPage.Text(x.Name)}</text>"
        );
        for (int i = 0; i < lines.Count; i++)
        {
            string points = string.Join(
                ' ',
                lines[i].Points.Select(p => FormattableString.Invariant($"{Across(p.X):0.#},{Up(p.Y):0.#}"))
            );
            Add(
                svg,
                $"<polyline points=\"{points}\" fill=none stroke=\"{lines[i].Colour}\" stroke-width=2 stroke-linejoin=round />"
            );
            foreach ((double px, double py) in lines[i].Points)
            {
                Add(svg, $"<circle cx={Across(px):0.#} cy={Up(py):0.#} r=2.5 fill=\"{lines[i].Colour}\" />");
            }

            Add(
                svg,
                $"<rect x={Left + (i * 150)} y={Height - 16} width=10 height=10 fill=\"{lines[i].Colour}\" /><text x={Left + 15 + (i * 150)} y={Height - 7}>{HtmlPage.Text(lines[i].Name)}</text>"
            );
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Add(StringBuilder svg, FormattableString element) =>
        svg.Append(element.ToString(CultureInfo.InvariantCulture));
}
