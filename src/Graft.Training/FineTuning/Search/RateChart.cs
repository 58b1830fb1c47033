using System.Globalization;
using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>Draws the curve of a search for a learning rate.</summary>
internal static class RateChart
{
    private const int TextRows = 12;
    private const int TextMargin = 8; // the losses' column
    private const string Blue = "#1f5fa8";
    private const string Pale = "#b8cde6";

    /// <summary>As an SVG file.</summary>
    public static string ToSvg(RateCurve curve)
    {
        RateAxes axes = RateAxes.Of(curve);
        LineChart chart = new(
            "Loss by learning rate",
            new(
                "learning rate",
                Math.Pow(10, axes.LowDecade),
                Math.Pow(10, axes.HighDecade),
                [.. axes.Decades.Select(decade => Math.Pow(10, decade))]
            )
            {
                IsLogarithmic = true,
            },
            new("loss (nats)", axes.LowLoss, axes.HighLoss, [.. axes.LossTicks]),
            [
                new("loss of each batch (nats)", Pale, [.. curve.Points.Select(point => (point.Rate, point.Loss))])
                {
                    Width = 1.2,
                },
                new("smoothed", Blue, [.. curve.Points.Select(point => (point.Rate, point.SmoothedLoss))])
                {
                    Width = 2.5,
                },
            ]
        )
        {
            Width = 720,
            Height = 440,
            Marks = curve.SuggestedRate is double suggested
                ? [new(suggested, $"suggested: {Rate(suggested)} ({Reason(curve)})")]
                : [],
        };
        return chart.ToFile();
    }

    /// <summary>The smoothed loss as lines of text; a column of bars marks the suggested rate.</summary>
    /// <param name="width">Largest number of columns.</param>
    public static IReadOnlyList<string> ToText(RateCurve curve, int width)
    {
        RateAxes axes = RateAxes.Of(curve);
        int columns = width - TextMargin - 2;
        char[][] rows = [.. Enumerable.Range(0, TextRows).Select(_ => Enumerable.Repeat(' ', columns).ToArray())];
        int Column(double rate) => Math.Clamp((int)Math.Round(axes.Across(rate) * (columns - 1)), 0, columns - 1);
        int suggested = curve.SuggestedRate is double at ? Column(at) : -1;
        Array.ForEach(suggested < 0 ? [] : rows, row => row[suggested] = '|');
        foreach (RatePoint point in curve.Points.Where(point => axes.Up(point.SmoothedLoss) <= 1))
        {
            int row = TextRows - 1 - (int)Math.Round(axes.Up(point.SmoothedLoss) * (TextRows - 1));
            rows[row][Column(point.Rate)] = '*';
        }

        char[] decades = Enumerable.Repeat(' ', TextMargin + 1 + columns).ToArray();
        foreach (int decade in axes.Decades)
        {
            string text = $"1e{decade}";
            int place = TextMargin + 1 + Column(Math.Pow(10, decade));
            text.CopyTo(decades.AsSpan(Math.Min(place, decades.Length - text.Length)));
        }

        return
        [
            $"{"loss", TextMargin}",
            .. rows.Select((row, i) => $"{Label(axes, i), TextMargin} {new string(row)}".TrimEnd()),
            new string(decades).TrimEnd() + "  rate",
        ];
    }

    // Two digits, as an option takes it.
    private static string Rate(double rate) =>
        double.Parse(rate.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            .ToString("0.##########", CultureInfo.InvariantCulture);

    private static string Reason(RateCurve curve) =>
        curve.IsSteepestTaken ? "the steepest descent" : "a tenth of the minimum";

    private static string Label(RateAxes axes, int row) =>
        row is 0 or TextRows - 1 or TextRows / 2
            ? (axes.HighLoss - ((axes.HighLoss - axes.LowLoss) * row / (TextRows - 1))).ToString(
                "0.00",
                CultureInfo.InvariantCulture
            )
            : "";
}
