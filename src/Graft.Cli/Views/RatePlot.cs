using System.Globalization;
using System.Xml.Linq;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>A search's curve as an SVG that needs nothing else.</summary>
internal static class RatePlot
{
    private const double Width = 720,
        Height = 440,
        Left = 64,
        Right = 24,
        Top = 48,
        Bottom = 60;
    private const string Grey = "#999999",
        Light = "#e4e4e4",
        Blue = "#1f5fa8",
        Pale = "#b8cde6",
        Red = "#b3261e";
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    public static string Write(RateCurve curve)
    {
        RateAxes axes = RateAxes.Of(curve);
        double X(double rate) => Left + (axes.Across(rate) * (Width - Left - Right));
        double Y(double loss) => Height - Bottom - (Math.Clamp(axes.Up(loss), 0, 1) * (Height - Top - Bottom));
        XElement plot = Element(
            "svg",
            ("viewBox", $"0 0 {Width} {Height}"),
            ("width", Width),
            ("height", Height),
            ("font-family", "sans-serif"),
            ("font-size", 13),
            ("role", "img")
        );
        plot.Add(
            Element("title", "Loss by learning rate"),
            Element("rect", ("width", Width), ("height", Height), ("fill", "white"))
        );
        foreach (int decade in axes.Decades)
        {
            double x = X(Math.Pow(10, decade));
            plot.Add(Line(x, Top, x, Height - Bottom, Light), Text($"1e{decade}", x, Height - Bottom + 20, "middle"));
        }

        foreach (double loss in axes.LossTicks)
        {
            plot.Add(
                Line(Left, Y(loss), Width - Right, Y(loss), Light),
                Text(Number(loss), Left - 8, Y(loss) + 4, "end")
            );
        }

        plot.Add(
            Line(Left, Height - Bottom, Width - Right, Height - Bottom, Grey),
            Line(Left, Top, Left, Height - Bottom, Grey)
        );
        plot.Add(Text("learning rate", (Left + Width - Right) / 2, Height - 14, "middle"));
        plot.Add(Text("loss (nats): of each batch, and smoothed", Left, 22, "start"));
        plot.Add(
            Curve(curve.Points.Select(point => (X(point.Rate), Y(point.Loss))), Pale, 1.2),
            Curve(curve.Points.Select(point => (X(point.Rate), Y(point.SmoothedLoss))), Blue, 2.5)
        );
        if (curve.SuggestedRate is double suggested)
        {
            double x = X(suggested);
            bool isRight = x > Width * 0.6; // the label lies on the side that has room
            plot.Add(Line(x, Top, x, Height - Bottom, Red, "6 4"));
            plot.Add(
                Text(
                    $"suggested: {RateView.Rate(suggested)} ({RateView.Reason(curve)})",
                    isRight ? x - 8 : x + 8,
                    Top + 16,
                    isRight ? "end" : "start",
                    Red
                )
            );
        }

        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{plot}\n";
    }

    private static XElement Line(double x1, double y1, double x2, double y2, string colour, string? dashes = null)
    {
        XElement line = Element("line", ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2), ("stroke", colour));
        line.SetAttributeValue("stroke-dasharray", dashes);
        return line;
    }

    private static XElement Text(string text, double x, double y, string anchor, string colour = "#222222") =>
        Element("text", text, ("x", x), ("y", y), ("text-anchor", anchor), ("fill", colour));

    private static XElement Curve(IEnumerable<(double X, double Y)> places, string colour, double width) =>
        Element(
            "polyline",
            ("points", string.Join(' ', places.Select(place => $"{Number(place.X)},{Number(place.Y)}"))),
            ("fill", "none"),
            ("stroke", colour),
            ("stroke-width", width),
            ("stroke-linejoin", "round")
        );

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
