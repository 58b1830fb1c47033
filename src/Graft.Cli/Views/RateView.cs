using System.Globalization;
using System.Text.Json;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>The result of a search for a learning rate.</summary>
internal static class RateView
{
    private const int NarrowestPlot = 40;
    private const int WidestPlot = 90;

    public static void Write(RateCurve curve, string images, Terminal terminal)
    {
        TextWriter output = terminal.Output;
        output.WriteLine();
        if (terminal.IsOutputLive && curve.Points.Count > 0)
        {
            foreach (string line in curve.ToText(Math.Clamp(terminal.Width, NarrowestPlot, WidestPlot)))
            {
                output.WriteLine(line);
            }

            output.WriteLine();
        }

        output.WriteLine($"Stopped:  because {curve.Stopped}");
        if (curve.SuggestedRate is not double suggested)
        {
            output.WriteLine("Rate:     none: the loss did not fall at any rate; look at the data with graft doctor");
            return;
        }

        output.WriteLine(
            $"Rate:     {Rate(suggested)}, {Reason(curve)} (steepest descent {Rate(curve.SteepestRate!.Value)}, "
                + "a tenth "
                + $"of the minimum {Rate(curve.TenthOfMinimumRate!.Value)}; the smaller is used)"
        );
        output.WriteLine($"Next:     {Invocation.Line("train", images, Option(curve), Rate(suggested))}");
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

    /// <summary>Two digits, in the form that an option accepts.</summary>
    private static string Rate(double rate) =>
        double.Parse(rate.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            .ToString("0.##########", CultureInfo.InvariantCulture);

    /// <summary>The rule that gave the suggestion.</summary>
    private static string Reason(RateCurve curve) =>
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
}
