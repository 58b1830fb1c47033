using System.Xml.Linq;

namespace Graft.Training.Metrics;

/// <summary>One part of each bar.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Colour">A CSS colour.</param>
/// <param name="Values">A value for each bar, 0 or more.</param>
internal sealed record BarPart(string Name, string Colour, IReadOnlyList<double> Values);

/// <summary>Horizontal bars, one below the other; their parts follow each other.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="Axis">The axis of the values.</param>
/// <param name="Names">Names of the bars.</param>
/// <param name="Parts">The parts of which each bar consists.</param>
internal sealed record BarChart(string Title, ChartAxis Axis, IReadOnlyList<string> Names, IReadOnlyList<BarPart> Parts)
    : Chart(Title)
{
    private const double RowHeight = 20;
    private const double BarHeight = 13;
    private const double Right = 24;
    private const double Top = 8;
    private const double Bottom = 60;
    private const double CharacterWidth = 6.8;
    private const int LongestName = 26;

    private double Left => 16 + (CharacterWidth * Math.Min(LongestName, Names.Max(name => name.Length)));

    /// <summary>The chart as high as its bars need.</summary>
    public BarChart AsHighAsNeeded() => this with { Height = Top + Bottom + (RowHeight * Names.Count) };

    /// <inheritdoc/>
    protected override void AddTo(XElement svg)
    {
        double foot = Top + (RowHeight * Names.Count);
        foreach (double tick in Axis.Ticks)
        {
            svg.Add(Grid(Across(tick), Top, Across(tick), foot));
            svg.Add(Text(Axis.Label(tick), Across(tick), foot + 16, "middle"));
        }

        svg.Add(Text(Axis.Name, (Left + Width - Right) / 2, foot + 32, "middle"));
        for (int i = 0; i < Names.Count; i++)
        {
            AddBar(svg, i);
        }

        double x = Left;
        foreach (BarPart part in Parts.Count > 1 ? Parts : [])
        {
            svg.Add(Element("rect", ("x", x), ("y", foot + 42), ("width", 10), ("height", 10), ("fill", part.Colour)));
            svg.Add(Text(part.Name, x + 15, foot + 51, "start"));
            x += 34 + (part.Name.Length * CharacterWidth);
        }
    }

    private double Across(double value) => Left + (Axis.Place(value) * (Width - Left - Right));

    private void AddBar(XElement svg, int i)
    {
        double y = Top + (RowHeight * i) + ((RowHeight - BarHeight) / 2);
        string name = Names[i];
        string shown = name.Length > LongestName ? $"{name[..(LongestName - 1)]}…" : name;
        svg.Add(Text(shown, Left - 8, y + BarHeight - 2, "end"));
        double sum = 0;
        foreach (BarPart part in Parts)
        {
            double from = Across(sum);
            sum += part.Values[i];
            XElement bar = Element(
                "rect",
                ("x", from),
                ("y", y),
                ("width", Across(sum) - from),
                ("height", BarHeight),
                ("fill", part.Colour)
            );
            svg.Add(Titled(bar, $"{name}, {part.Name}: {Axis.Label(part.Values[i])}"));
        }
    }
}
