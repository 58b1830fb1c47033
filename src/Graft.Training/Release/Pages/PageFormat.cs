using System.Globalization;

namespace Graft.Training.Release;

/// <summary>Formats numbers on HTML pages in the invariant culture.</summary>
internal static class PageFormat
{
    public const string Blue = "#1e6fd9";
    public const string Orange = "#ef8c00";
    public const string Grey = "#888";

    /// <summary>A share of 0 to 1 as a percentage such as "95.3 %"; a dash for null.</summary>
    public static string Share(double? value) =>
        value is double share ? share.ToString("0.0 %", CultureInfo.InvariantCulture) : "–";

    /// <summary>A number; a dash for null.</summary>
    public static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A row of a table that is not highlighted.</summary>
    public static (IReadOnlyList<string> Cells, bool IsChosen) Row(params string[] cells) => (cells, false);

    /// <summary>Ticks of an axis from 0 to <paramref name="high"/>, one at each quarter.</summary>
    public static double[] Quarters(double high) => [0, high / 4, high / 2, high * 3 / 4, high];
}
