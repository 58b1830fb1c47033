namespace Graft.Bench.Assemblies;

/// <summary>A part on a bench.</summary>
/// <param name="Kind">Number of its class.</param>
/// <param name="Variety">What tells parts of a class apart, 0 to 1.</param>
/// <param name="X">Middle, in the picture's width.</param>
/// <param name="Y">Middle, in the picture's height.</param>
/// <param name="Radius">Radius, in the picture's width.</param>
/// <param name="Angle">Turn in radians.</param>
/// <param name="Colour">Colour of the material: red, green and blue, 0 to 1.</param>
internal sealed record PlacedPart(
    int Kind,
    double Variety,
    double X,
    double Y,
    double Radius,
    double Angle,
    Colour Colour
)
{
    private const double Bevel = 0.12; // width of the rounded edge, in the radius

    /// <summary>Distance from a point of the picture to the part's edge, in its radius; negative inside.</summary>
    public double Distance(double x, double y)
    {
        (double sin, double cos) = Math.SinCos(Angle);
        (double right, double down) = ((x - X) / Radius, (y - Y) / Radius);
        return (right * right) + (down * down) > 2
            ? 1
            : PartShape.Distance(Kind, Variety, (right * cos) + (down * sin), (down * cos) - (right * sin));
    }

    /// <summary>Height of the part's surface at a point inside it, 0 to 1.</summary>
    public double Height(double x, double y)
    {
        double inside = Math.Clamp(-Distance(x, y) / Bevel, 0, 1);
        return Math.Sqrt(inside * (2 - inside));
    }
}

/// <summary>A colour: red, green and blue, 0 to 1 in linear light.</summary>
internal readonly record struct Colour(double Red, double Green, double Blue)
{
    public static Colour operator *(Colour colour, double factor) =>
        new(colour.Red * factor, colour.Green * factor, colour.Blue * factor);

    public static Colour operator +(Colour one, Colour other) =>
        new(one.Red + other.Red, one.Green + other.Green, one.Blue + other.Blue);
}
