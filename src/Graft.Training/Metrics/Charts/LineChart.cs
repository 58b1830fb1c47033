using System.Xml.Linq;

namespace Graft.Training.Metrics;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Colour">A CSS colour.</param>
/// <param name="Points">From left to right; both coordinates finite.</param>
internal sealed record ChartLine(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>Stroke width in pixels.</summary>
    public double Width { get; init; } = 2;

    /// <summary>True if each point is a dot that names its values.</summary>
    public bool HasDots { get; init; }

    /// <summary>True if the line is dashed: a second sign beside its colour.</summary>
    public bool IsDashed { get; init; }
}

/// <summary>A value of the lower axis that stands out.</summary>
/// <param name="X">The value.</param>
/// <param name="Text">What it is.</param>
internal sealed record ChartMark(double X, string Text);

/// <summary>Lines over a grid.</summary>
internal sealed record LineChart(string Title, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartLine> Lines) : Chart(Title)
{
    private const double Left = 60;
    private const double Right = 16;
    private const double Top = 26;
    private const double Bottom = 62;
    private const double CharacterWidth = 6.6; // of the legend's text, on average
    private const string MarkColour = "#b3261e";

    /// <summary>Values of the lower axis that stand out.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <inheritdoc/>
    protected override void AddTo(XElement svg)
    {
        AddGrid(svg);
        foreach ((int i, ChartMark mark) in Marks.Index())
        {
            AddMark(svg, mark, i);
        }

        foreach (ChartLine line in Lines)
        {
            AddLine(svg, line);
        }

        AddLegend(svg);
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
        svg.Add(Text(Y.Name, 8, 14, "start"));
    }

    private void AddLine(XElement svg, ChartLine line)
    {
        XElement drawn = Element(
            "polyline",
            ("points", string.Join(' ', line.Points.Select(p => $"{Number(Across(p.X))},{Number(Up(p.Y))}"))),
            ("fill", "none"),
            ("stroke", line.Colour),
            ("stroke-width", line.Width),
            ("stroke-linejoin", "round")
        );
        if (line.IsDashed)
        {
            drawn.SetAttributeValue("stroke-dasharray", "6 4");
        }

        svg.Add(drawn);
        foreach ((double x, double y) in line.HasDots ? line.Points : [])
        {
            XElement dot = Element("circle", ("cx", Across(x)), ("cy", Up(y)), ("r", 3), ("fill", line.Colour));
            svg.Add(Titled(dot, $"{line.Name}: {X.Name} {X.Label(x)}, {Y.Label(y)}"));
        }
    }

    private void AddLegend(XElement svg)
    {
        double x = Left;
        foreach (ChartLine line in Lines)
        {
            svg.Add(
                Element("rect", ("x", x), ("y", Height - 16), ("width", 10), ("height", 10), ("fill", line.Colour))
            );
            svg.Add(Text(line.Name, x + 15, Height - 7, "start"));
            x += 34 + (line.Name.Length * CharacterWidth);
        }
    }

    private void AddMark(XElement svg, ChartMark mark, int index)
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
        double y = Top + 14 + (14 * (index % 3));
        svg.Add(Text(mark.Text, isRight ? x - 8 : x + 8, y, isRight ? "end" : "start", MarkColour));
    }
}
