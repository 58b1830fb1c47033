namespace Graft.Bench.Assemblies;

/// <summary>
/// The outline of a machine part seen from above: the distance from a point to its edge, negative inside. Parts fill
/// the circle of radius 1 about the origin.
/// </summary>
internal static class PartShape
{
    /// <summary>The classes, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["bearing", "bolt", "gear", "nut", "spring", "washer"];

    /// <summary>Distance from a point to the edge of a part, in its radius.</summary>
    /// <param name="kind">Number of the class in <see cref="Names"/>.</param>
    /// <param name="variety">What tells parts of a class apart, 0 to 1: teeth, turns, thickness.</param>
    /// <param name="x">Place of the point.</param>
    /// <param name="y">Place of the point.</param>
    public static double Distance(int kind, double variety, double x, double y) =>
        kind switch
        {
            0 => Bearing(variety, x, y),
            1 => Bolt(variety, x, y),
            2 => Gear(variety, x, y),
            3 => Nut(variety, x, y),
            4 => Spring(variety, x, y),
            _ => Washer(variety, x, y),
        };

    private static double Bearing(double variety, double x, double y)
    {
        double radius = Math.Sqrt((x * x) + (y * y));
        int balls = 7 + (int)(variety * 4);
        double angle = Math.IEEERemainder(Math.Atan2(y, x), 2 * Math.PI / balls);
        double ball = Hypotenuse((radius * Math.Cos(angle)) - 0.63, radius * Math.Sin(angle)) - 0.135;
        return Math.Min(ball, Math.Min(Ring(radius, 0.89, 0.1), Ring(radius, 0.38, 0.09)));
    }

    private static double Bolt(double variety, double x, double y)
    {
        double head = Box(x + 0.72, y, 0.24, 0.5);
        double turn = 0.03 * Math.Sin(x * (30 + (20 * variety)));
        double shaft = Box(x - 0.24, y, 0.74, 0.2 + (0.05 * variety) + (x > -0.2 ? turn : 0));
        return Math.Min(head, shaft);
    }

    private static double Gear(double variety, double x, double y)
    {
        double radius = Hypotenuse(x, y);
        int teeth = 9 + (int)(variety * 7);
        double tooth = Math.Clamp(2.2 * Math.Cos(teeth * Math.Atan2(y, x)), -1, 1);
        double rim = radius - 0.86 - (0.12 * tooth);
        return Math.Max(rim, 0.24 + (0.1 * variety) - radius);
    }

    private static double Nut(double variety, double x, double y)
    {
        double angle = Math.IEEERemainder(Math.Atan2(y, x), Math.PI / 3);
        double radius = Hypotenuse(x, y);
        return Math.Max((radius * Math.Cos(angle)) - 0.84, 0.4 + (0.12 * variety) - radius);
    }

    private static double Spring(double variety, double x, double y)
    {
        double turns = 12 + (8 * variety);
        double middle = 0.34 * Math.Sin(turns * x);
        double slope = 0.34 * turns * Math.Cos(turns * x);
        double wire = (Math.Abs(y - middle) / Math.Sqrt(1 + (slope * slope))) - 0.055;
        return Math.Max(wire, Math.Abs(x) - 0.97);
    }

    private static double Washer(double variety, double x, double y) =>
        Ring(Hypotenuse(x, y), 0.72 - (0.06 * variety), 0.2 + (0.06 * variety));

    private static double Ring(double radius, double middle, double half) => Math.Abs(radius - middle) - half;

    private static double Box(double x, double y, double halfWidth, double halfHeight) =>
        Math.Max(Math.Abs(x) - halfWidth, Math.Abs(y) - halfHeight);

    private static double Hypotenuse(double x, double y) => Math.Sqrt((x * x) + (y * y));
}
