namespace Graft.Bench.Assemblies;

/// <summary>A bench with parts on it, under a lamp. Everything follows from the number of the picture.</summary>
internal sealed class AssemblyScene
{
    private const int MostTrials = 200;
    private const double ClosestMiddles = 0.8; // of the radii's sum: parts may lie over each other a little

    // bright steel, brass, black oxide, copper, galvanised, rust
    private static readonly Colour[] s_metals =
    [
        new(0.62, 0.63, 0.66),
        new(0.66, 0.46, 0.14),
        new(0.05, 0.05, 0.06),
        new(0.52, 0.22, 0.11),
        new(0.36, 0.40, 0.36),
        new(0.24, 0.10, 0.05),
    ];

    // chance of 0, 1, 2, 3 and 4 kinds of part
    private static readonly double[] s_kinds = [0.08, 0.27, 0.35, 0.22, 0.08];

    private readonly ulong _picture;
    private readonly int _bench;
    private readonly Colour _hue;
    private readonly double _scale;
    private readonly double _turn;
    private readonly double _brightness;
    private readonly (double X, double Y, double Z) _lamp;

    public AssemblyScene(ulong picture)
    {
        _picture = picture;
        Dice dice = new(picture);
        _bench = dice.Below(5);
        _hue = new(dice.Between(0.1, 0.6), dice.Between(0.1, 0.6), dice.Between(0.1, 0.6));
        _scale = dice.Between(0.7, 1.5);
        _turn = dice.Between(0, Math.PI);
        _brightness = dice.Between(0.8, 1.15);
        double side = dice.Between(0, 2 * Math.PI);
        double low = dice.Between(0.5, 0.9);
        _lamp = (Math.Cos(side) * low, Math.Sin(side) * low, Math.Sqrt(1 - (low * low)));
        Parts = Place(dice, Kinds(dice));
    }

    /// <summary>The parts, the lowest first.</summary>
    public IReadOnlyList<PlacedPart> Parts { get; }

    /// <summary>Names of the parts' classes.</summary>
    public IEnumerable<string> Labels =>
        Parts.Select(part => part.Kind).Distinct().Order().Select(kind => PartShape.Names[kind]);

    /// <summary>The colour at a point, 0 to 1 across and down.</summary>
    public Colour At(double x, double y)
    {
        PlacedPart? part = Parts.LastOrDefault(one => one.Distance(x, y) < 0);
        if (part is not null)
        {
            return Metal(part, x, y) * _brightness;
        }

        double shade = 1;
        foreach (PlacedPart one in Parts)
        {
            double distance = one.Distance(x - (_lamp.X * -0.03), y - (_lamp.Y * -0.03));
            shade = Math.Min(shade, 0.35 + (0.65 * Math.Clamp((distance + 0.06) / 0.16, 0, 1)));
        }

        return Bench(x, y) * (shade * _brightness * (0.55 + (0.45 * _lamp.Z)));
    }

    // Some kinds, a nut beside a bolt more often than by chance.
    private static List<int> Kinds(Dice dice)
    {
        double chance = dice.Between(0, 1);
        int count = 0;
        while (count < s_kinds.Length - 1 && chance > s_kinds[count])
        {
            chance -= s_kinds[count++];
        }

        List<int> kinds = [];
        while (kinds.Count < count)
        {
            int kind = dice.Below(PartShape.Names.Count);
            kind = kinds.Contains(1) && !kinds.Contains(3) && dice.Between(0, 1) < 0.3 ? 3 : kind;
            if (!kinds.Contains(kind))
            {
                kinds.Add(kind);
            }
        }

        return kinds;
    }

    private static List<PlacedPart> Place(Dice dice, List<int> kinds)
    {
        List<int> all = [.. kinds];
        if (kinds.Count > 0 && dice.Between(0, 1) < 0.3)
        {
            all.Add(kinds[dice.Below(kinds.Count)]); // two of a kind are one label
        }

        double largest = all.Count <= 2 ? 0.27 : 0.22;
        List<PlacedPart> placed = [];
        foreach (int kind in all)
        {
            for (int trial = 0; trial < MostTrials; trial++)
            {
                double radius = dice.Between(0.15, largest);
                double metal = dice.Between(0.8, 1.2);
                PlacedPart part = new(
                    kind,
                    dice.Between(0, 1),
                    dice.Between(radius, 1 - radius),
                    dice.Between(radius, 1 - radius),
                    radius,
                    dice.Between(0, 2 * Math.PI),
                    s_metals[dice.Below(s_metals.Length)] * metal
                );
                if (placed.TrueForAll(other => AreApart(part, other)))
                {
                    placed.Add(part);
                    break;
                }
            }
        }

        return placed;
    }

    private static bool AreApart(PlacedPart one, PlacedPart other)
    {
        double across = one.X - other.X;
        double down = one.Y - other.Y;
        return Math.Sqrt((across * across) + (down * down)) > ClosestMiddles * (one.Radius + other.Radius);
    }

    // Matt and shining light on the surface, whose slope follows from its height.
    private Colour Metal(PlacedPart part, double x, double y)
    {
        const double step = 0.002;
        const double relief = 0.035;
        double slopeX = (part.Height(x + step, y) - part.Height(x - step, y)) / (2 * step) * relief;
        double slopeY = (part.Height(x, y + step) - part.Height(x, y - step)) / (2 * step) * relief;
        double scratch = 0.08 * (Dice.Noise(_picture + (ulong)part.Kind, x * 150, y * 25) - 0.5);
        double length = Math.Sqrt((slopeX * slopeX) + (slopeY * slopeY) + 1);
        double facing = ((-(slopeX + scratch) * _lamp.X) - (slopeY * _lamp.Y) + _lamp.Z) / length;
        double matt = Math.Max(0, facing);
        double shine = Math.Pow(Math.Max(0, (facing * 0.8) + (0.2 / length)), 18);
        return (part.Colour * (0.15 + (0.85 * matt))) + (new Colour(0.9, 0.9, 0.88) * (0.5 * shine));
    }

    private Colour Bench(double x, double y)
    {
        (double sin, double cos) = Math.SinCos(_turn);
        (double along, double across) = (((x * cos) + (y * sin)) * _scale, ((y * cos) - (x * sin)) * _scale);
        double fine = Dice.Noise(_picture, x * 90, y * 90);
        return _bench switch
        {
            0 => new Colour(0.30, 0.15, 0.06)
                * (0.6 + (0.6 * Dice.Noise(_picture, along * 4, across * 45)) + (0.2 * fine)),
            1 => new Colour(0.30, 0.30, 0.29) * (0.5 + (0.5 * Dice.Noise(_picture, x * 6, y * 6)) + (0.4 * fine)),
            2 => _hue * (0.75 + (0.15 * fine) + (0.2 * x)),
            3 => _hue
                * ((((int)Math.Floor(along * 14) + (int)Math.Floor(across * 14)) % 2 == 0 ? 0.8 : 0.6) + (0.3 * fine)),
            _ => new Colour(0.34, 0.23, 0.12)
                * (0.6 + (0.4 * Dice.Noise(_picture, along * 12, across * 3)) + (0.3 * fine)),
        };
    }
}
