using System.Globalization;
using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>A confidence interval, both ends included.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
[JsonConverter(typeof(IntervalJson))]
public readonly record struct Interval(double Low, double High)
{
    private const double Normal975 = 1.959963984540054; // the normal distribution's 97.5 % point

    /// <summary>
    /// The 95 % score interval of a share (Wilson, JASA 22, 1927): sound also near 0 and 1, where mean plus or minus
    /// error is not.
    /// </summary>
    /// <param name="hits">0 to <paramref name="count"/>.</param>
    /// <param name="count">1 or more.</param>
    public static Interval Wilson(int hits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, count);
        double square = Normal975 * Normal975;
        double share = (double)hits / count;
        double centre = share + (square / (2 * count));
        double reach = Normal975 * Math.Sqrt((share * (1 - share) / count) + (square / (4.0 * count * count)));
        double width = 1 + (square / count);
        double low = hits == 0 ? 0 : (centre - reach) / width; // the formula's own values there, without its rounding
        double high = hits == count ? 1 : (centre + reach) / width;
        return new(low, high);
    }

    /// <summary>As percentages, such as "95.1-97.3 %".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Low * 100:0.0}-{High * 100:0.0} %");
}
