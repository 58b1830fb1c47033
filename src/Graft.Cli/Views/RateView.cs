using System.Globalization;
using System.Text.Json;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>What a search for a rate has found.</summary>
internal static class RateView
{
    private const int Rows = 12;
    private const int WidestPlot = 90;
    private const int Margin = 8; // the losses' column

    public static void Write(RateCurve curve, string images, Terminal terminal)
    {
        TextWriter output = terminal.Output;
        output.WriteLine();
        if (terminal.IsOutputLive && curve.Points.Count > 0)
        {
            Plot(curve, Math.Min(terminal.Width, WidestPlot)).ForEach(output.WriteLine);
            output.WriteLine();
        }

        output.WriteLine($"Stopped:  because {curve.Stopped}");
        if (curve.SuggestedRate is not double suggested)
        {
            output.WriteLine("Rate:     none: the loss did not fall at any rate; look at the data with graft doctor");
            return;
        }

        output.WriteLine(
            $"Rate:     {Rate(suggested)}, {Reason(curve)} (steepest descent {Rate(curve.SteepestRate!.Value)}, a tenth of the minimum {Rate(curve.TenthOfMinimumRate!.Value)}; the smaller is taken)"
        );
        output.WriteLine($"Next:     graft train {TrainingSummary.Quoted(images)} {Option(curve)} {Rate(suggested)}");
    }

    public static void WriteJson(RateCurve curve, TextWriter output) => JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            Number(json, "suggestedRate", curve.SuggestedRate);
            json.WriteString(
                "suggestedBy",
                curve.SuggestedRate is null ? null
                    : curve.IsSteepestTaken ? "steepest"
                    : "tenthOfMinimum"
            );
            json.WriteString("option", Option(curve));
            Number(json, "steepestRate", curve.SteepestRate);
            Number(json, "tenthOfMinimumRate", curve.TenthOfMinimumRate);
            json.WriteString("stopped", curve.Stopped);
            json.WriteStartArray("points");
            foreach (RatePoint point in curve.Points)
            {
                json.WriteStartObject();
                json.WriteNumber("rate", point.Rate);
                json.WriteNumber("loss", point.Loss);
                json.WriteNumber("smoothedLoss", point.SmoothedLoss);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary>Two digits, as an option takes it.</summary>
    public static string Rate(double rate) =>
        double.Parse(rate.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            .ToString("0.##########", CultureInfo.InvariantCulture);

    /// <summary>Which of the two rules gave the suggestion.</summary>
    public static string Reason(RateCurve curve) =>
        curve.IsSteepestTaken ? "the steepest descent" : "a tenth of the minimum";

    private static string Option(RateCurve curve) => curve.IsHeadAlone ? "--head-training-rate" : "--body-rate";

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>
    /// The smoothed loss as lines of text, at most so many columns wide; a column of bars at the suggestion.
    /// </summary>
    internal static List<string> Plot(RateCurve curve, int width)
    {
        RateAxes axes = RateAxes.Of(curve);
        int columns = width - Margin - 2;
        char[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Repeat(' ', columns).ToArray())];
        int Column(double rate) => Math.Clamp((int)Math.Round(axes.Across(rate) * (columns - 1)), 0, columns - 1);
        int suggested = curve.SuggestedRate is double at ? Column(at) : -1;
        Array.ForEach(suggested < 0 ? [] : rows, row => row[suggested] = '|');
        foreach (RatePoint point in curve.Points.Where(point => axes.Up(point.SmoothedLoss) <= 1))
        {
            rows[Rows - 1 - (int)Math.Round(axes.Up(point.SmoothedLoss) * (Rows - 1))][Column(point.Rate)] = '*';
        }

        List<string> lines = [.. rows.Select((row, i) => $"{Label(axes, i), Margin} {new string(row)}".TrimEnd())];
        char[] decades = Enumerable.Repeat(' ', Margin + 1 + columns).ToArray();
        foreach (int decade in axes.Decades)
        {
            string text = $"1e{decade}";
            text.CopyTo(
                decades.AsSpan(Math.Min(Margin + 1 + Column(Math.Pow(10, decade)), decades.Length - text.Length))
            );
        }

        return [$"{"loss", Margin}", .. lines, new string(decades).TrimEnd() + "  rate"];
    }

    private static string Label(RateAxes axes, int row) =>
        row is 0 or Rows - 1 || row == Rows / 2
            ? (axes.HighLoss - ((axes.HighLoss - axes.LowLoss) * row / (Rows - 1))).ToString(
                "0.00",
                CultureInfo.InvariantCulture
            )
            : "";
}
