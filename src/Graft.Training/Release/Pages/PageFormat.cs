using System.Globalization;

namespace Graft.Training.Release;

/// <summary>Colours and formats of HTML pages. Numbers are in the invariant culture.</summary>
internal static class PageFormat
{
    public const string Blue = "#1e6fd9";
    public const string Orange = "#c4570b";
    public const string Green = "#1a7f37";
    public const string Grey = "#767676";

    /// <summary>A share of 0 to 1 as a percentage such as "95.3 %"; a dash for null.</summary>
    public static string Share(double? value) =>
        value is double share ? share.ToString("0.0 %", CultureInfo.InvariantCulture) : "–";

    /// <summary>A number; a dash for null.</summary>
    public static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A number with its noun, such as "1 image" or "1,200 images".</summary>
    /// <param name="count">The number.</param>
    /// <param name="noun">The noun for one.</param>
    /// <param name="many">The noun for any other number; null: the noun with an s.</param>
    public static string Counted(int count, string noun, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? noun : many ?? noun + "s")}");

    /// <summary>Tells that not all are shown, such as ", 24 shown"; empty where all are.</summary>
    public static string OnlyShown(int count, int most) => count > most ? $", {most} shown" : "";
}
