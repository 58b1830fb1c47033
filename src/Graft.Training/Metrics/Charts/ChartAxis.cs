using System.Globalization;

namespace Graft.Training.Metrics;

/// <summary>An axis of a chart.</summary>
/// <param name="Name">What it counts, with its unit; empty for none.</param>
/// <param name="Low">Value at the left or lower edge.</param>
/// <param name="High">Value at the right or upper edge.</param>
/// <param name="Ticks">Values that have a label.</param>
internal sealed record ChartAxis(string Name, double Low, double High, IReadOnlyList<double> Ticks)
{
    private const double Smallest = 1e-12;
    private const int MostTicks = 5;

    /// <summary>True if equal distances are equal factors.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>An axis from 0 to a round number that is at least the given one, with round ticks.</summary>
    /// <param name="name">What it counts, with its unit.</param>
    /// <param name="highest">The largest value that is drawn.</param>
    public static ChartAxis FromZero(string name, double highest)
    {
        double span = Math.Max(highest, 1e-9);
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / MostTicks)));
        double step = new[] { 1, 2, 2.5, 5, 10 }.First(factor => span / (factor * power) <= MostTicks) * power;
        int count = (int)Math.Ceiling((span / step) - 1e-9);
        return new(name, 0, count * step, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>An axis of shares from 0 to 1 with a tick at each quarter.</summary>
    public static ChartAxis OfShares(string name) => new(name, 0, 1, [0, 0.25, 0.5, 0.75, 1]);

    /// <summary>An axis of numbers that count from 1, with at most a few ticks.</summary>
    public static ChartAxis OfCounts(string name, int last)
    {
        int step = Math.Max(1, (int)Math.Ceiling((last - 1) / (double)MostTicks));
        return new(
            name,
            1,
            Math.Max(2, last),
            [.. Enumerable.Range(0, ((last - 1) / step) + 1).Select(i => 1.0 + (i * step))]
        );
    }

    /// <summary>Position of a value: 0 at the low end, 1 at the high one.</summary>
    public double Place(double value) =>
        IsLogarithmic
            ? Math.Log(value / Low) / Math.Max(Smallest, Math.Log(High / Low))
            : (value - Low) / Math.Max(Smallest, High - Low);

    /// <summary>A value as text.</summary>
    public string Label(double value) =>
        IsLogarithmic
            ? string.Create(CultureInfo.InvariantCulture, $"1e{Math.Round(Math.Log10(value))}")
            : value.ToString("0.#####", CultureInfo.InvariantCulture);
}
