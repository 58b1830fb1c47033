using System.Globalization;
using System.Text;
using System.Xml.Linq;
using NetVips;

namespace Graft.Training.Metrics;

/// <summary>A chart as SVG: an element of a page, or a file of its own.</summary>
/// <param name="Title">What the chart shows. It is the picture's accessible name.</param>
internal abstract record Chart(string Title)
{
    /// <summary>The colour of the surrounding text.</summary>
    protected const string Ink = "currentColor";

    private const double FileScale = 2; // pixels of a PNG per unit of the drawing
    private const string Font = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>In pixels.</summary>
    public double Width { get; init; } = 420;

    /// <summary>In pixels.</summary>
    public double Height { get; init; } = 256;

    /// <summary>An svg element for a page. Its text has the page's colour.</summary>
    public string ToElement() => Draw().ToString(SaveOptions.DisableFormatting);

    /// <summary>An SVG file of its own, on white.</summary>
    public string ToFile()
    {
        XElement svg = Draw();
        svg.SetAttributeValue("color", "#1c1c1e");
        svg.AddFirst(Element("rect", ("width", Width), ("height", Height), ("fill", "white")));
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{svg}\n";
    }

    /// <summary>A PNG file of its own, on white, with two pixels for one of the drawing.</summary>
    public byte[] ToPng()
    {
        using Image image = Image.SvgloadBuffer(Encoding.UTF8.GetBytes(ToFile()), scale: FileScale);
        using Image opaque = image.HasAlpha() ? image.Flatten([255, 255, 255]) : image.Copy();
        return opaque.PngsaveBuffer();
    }

    /// <summary>Adds the chart to an empty drawing.</summary>
    protected abstract void AddTo(XElement svg);

    /// <summary>A line of the grid.</summary>
    protected static XElement Grid(double x1, double y1, double x2, double y2) =>
        Element("line", ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2), ("stroke", Ink), ("stroke-opacity", 0.15));

    /// <summary>A text.</summary>
    protected static XElement Text(string text, double x, double y, string anchor, string colour = Ink) =>
        Element("text", text, ("x", x), ("y", y), ("text-anchor", anchor), ("fill", colour));

    /// <summary>An element without content.</summary>
    protected static XElement Element(string name, params (string Name, object Value)[] attributes) =>
        Element(name, null, attributes);

    /// <summary>An element with a text.</summary>
    protected static XElement Element(string name, string? text, params (string Name, object Value)[] attributes) =>
        new(
            s_svg + name,
            attributes.Select(attribute => new XAttribute(
                attribute.Name,
                attribute.Value is double number ? Number(number) : attribute.Value
            )),
            text
        );

    /// <summary>An element that says what it is when the pointer rests on it.</summary>
    protected static XElement Titled(XElement element, string title)
    {
        element.Add(Element("title", title));
        return element;
    }

    /// <summary>A length with at most two decimals.</summary>
    protected static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private XElement Draw()
    {
        XElement svg = Element(
            "svg",
            ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"),
            ("width", Width),
            ("height", Height),
            ("font-family", Font),
            ("font-size", 12),
            ("role", "img"),
            ("aria-label", Title)
        );
        svg.Add(Element("title", Title));
        AddTo(svg);
        return svg;
    }
}
