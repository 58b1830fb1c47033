using System.Globalization;
using System.Xml.Linq;

namespace Graft.Training.Metrics;

/// <summary>An axis of a chart.</summary>
/// <param name="Name">What it counts, with its unit; empty for none.</param>
/// <param name="Low">Value at the left or lower edge.</param>
/// <param name="High">Value at the right or upper edge.</param>
/// <param name="Ticks">Values that have a label.</param>
internal sealed record ChartAxis(string Name, double Low, double High, IReadOnlyList<double> Ticks)
{
    private const double Smallest = 1e-12;

    /// <summary>True if equal distances are equal factors.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Position of a value: 0 at the low end, 1 at the high one.</summary>
    public double Place(double value) =>
        IsLogarithmic
            ? Math.Log(value / Low) / Math.Max(Smallest, Math.Log(High / Low))
            : (value - Low) / Math.Max(Smallest, High - Low);

    public string Label(double value) =>
        IsLogarithmic
            ? string.Create(CultureInfo.InvariantCulture, $"1e{Math.Round(Math.Log10(value))}")
            : value.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Colour">A CSS colour.</param>
/// <param name="Points">From left to right; both coordinates finite.</param>
internal sealed record ChartLine(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>Stroke width in pixels.</summary>
    public double Width { get; init; } = 2;

    /// <summary>True if each point is a dot.</summary>
    public bool HasDots { get; init; }
}

/// <summary>A value of the lower axis that stands out.</summary>
internal sealed record ChartMark(double X, string Text);

/// <summary>Lines over a grid, as SVG.</summary>
internal sealed record LineChart(string Title, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartLine> Lines)
{
    private const double Left = 56;
    private const double Right = 16;
    private const double Top = 16;
    private const double Bottom = 62;
    private const double LegendWidth = 150;
    private const string Ink = "currentColor";
    private const string MarkColour = "#b3261e";
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>In pixels.</summary>
    public double Width { get; init; } = 420;

    /// <summary>In pixels.</summary>
    public double Height { get; init; } = 256;

    public ChartMark? Mark { get; init; }

    /// <summary>An svg element for a page. Its text has the page's colour.</summary>
    public string ToElement() => Draw().ToString(SaveOptions.DisableFormatting);

    /// <summary>A file of its own, on white.</summary>
    public string ToFile()
    {
        XElement svg = Draw();
        svg.AddFirst(Element("rect", ("width", Width), ("height", Height), ("fill", "white")));
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{svg}\n";
    }

    private XElement Draw()
    {
        XElement svg = Element(
            "svg",
            ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"),
            ("width", Width),
            ("height", Height),
            ("font-family", "sans-serif"),
            ("font-size", 12),
            ("role", "img"),
            ("aria-label", Title)
        );
        svg.Add(Element("title", Title));
        AddGrid(svg);
        foreach (ChartLine line in Lines)
        {
            AddLine(svg, line);
        }

        AddLegend(svg);
        if (Mark is not null)
        {
            AddMark(svg, Mark);
        }

        return svg;
    }

    private double Across(double value) => Left + (X.Place(value) * (Width - Left - Right));

    private double Up(double value) => Height - Bottom - (Math.Clamp(Y.Place(value), 0, 1) * (Height - Top - Bottom));

    private void AddGrid(XElement svg)
    {
        foreach (double tick in X.Ticks)
        {
            svg.Add(Grid(Across(tick), Top, Across(tick), Height - Bottom));
            svg.Add(Text(X.Label(tick), Across(tick), Height - Bottom + 16, "middle"));
        }

        foreach (double tick in Y.Ticks)
        {
            svg.Add(Grid(Left, Up(tick), Width - Right, Up(tick)));
            svg.Add(Text(Y.Label(tick), Left - 6, Up(tick) + 4, "end"));
        }

        svg.Add(Text(X.Name, (Left + Width - Right) / 2, Height - Bottom + 32, "middle"));
    }

    private void AddLine(XElement svg, ChartLine line)
    {
        svg.Add(
            Element(
                "polyline",
                ("points", string.Join(' ', line.Points.Select(p => $"{Number(Across(p.X))},{Number(Up(p.Y))}"))),
                ("fill", "none"),
                ("stroke", line.Colour),
                ("stroke-width", line.Width),
                ("stroke-linejoin", "round")
            )
        );
        foreach ((double x, double y) in line.HasDots ? line.Points : [])
        {
            svg.Add(Element("circle", ("cx", Across(x)), ("cy", Up(y)), ("r", 2.5), ("fill", line.Colour)));
        }
    }

    private void AddLegend(XElement svg)
    {
        for (int i = 0; i < Lines.Count; i++)
        {
            double x = Left + (i * LegendWidth);
            svg.Add(
                Element("rect", ("x", x), ("y", Height - 16), ("width", 10), ("height", 10), ("fill", Lines[i].Colour))
            );
            svg.Add(Text(Lines[i].Name, x + 15, Height - 7, "start"));
        }
    }

    private void AddMark(XElement svg, ChartMark mark)
    {
        double x = Across(mark.X);
        bool isRight = x > Width * 0.6; // the label lies on the side that has room
        svg.Add(
            Element(
                "line",
                ("x1", x),
                ("y1", Top),
                ("x2", x),
                ("y2", Height - Bottom),
                ("stroke", MarkColour),
                ("stroke-dasharray", "6 4")
            )
        );
        svg.Add(Text(mark.Text, isRight ? x - 8 : x + 8, Top + 14, isRight ? "end" : "start", MarkColour));
    }

    private static XElement Grid(double x1, double y1, double x2, double y2) =>
        Element("line", ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2), ("stroke", Ink), ("stroke-opacity", 0.15));

    private static XElement Text(string text, double x, double y, string anchor, string colour = Ink) =>
        Element("text", text, ("x", x), ("y", y), ("text-anchor", anchor), ("fill", colour));

    private static XElement Element(string name, params (string Name, object Value)[] attributes) =>
        Element(name, null, attributes);

    private static XElement Element(string name, string? text, params (string Name, object Value)[] attributes) =>
        new(
            s_svg + name,
            attributes.Select(attribute => new XAttribute(
                attribute.Name,
                attribute.Value is double number ? Number(number) : attribute.Value
            )),
            text
        );

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
