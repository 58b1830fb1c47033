using System.Globalization;
using System.Text.Json.Nodes;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>Two models on the same images.</summary>
/// <param name="Name">The first model's file. Untrusted text.</param>
/// <param name="OtherName">The second model's file. Untrusted text.</param>
/// <param name="Comparison">The first model against the second.</param>
internal sealed record ComparisonView(string Name, string OtherName, Comparison Comparison)
{
    private const double LeastShown = 0.0001;

    /// <summary>One line: the better model, or that no difference is shown.</summary>
    public string Verdict
    {
        get
        {
            if (Comparison.FirstOnly + Comparison.SecondOnly == 0)
            {
                return "both are right on exactly the same images";
            }

            string better = Printable.Text(Comparison.FirstOnly > Comparison.SecondOnly ? Name : OtherName);
            return Comparison.IsDifference
                ? $"'{better}' is better"
                : "no difference is shown: equally good models differ as much by chance";
        }
    }

    /// <summary>"-0.0123 (95 % interval -0.0210 to -0.0020, p = 0.0150; paired bootstrap over images)"</summary>
    /// <param name="difference">First minus second; the text has the second against the first.</param>
    public static string Text(PairedDifference difference) =>
        $"{Signed(-difference.Value)} (95 % interval {Signed(-difference.Interval.High)} to "
        + $"{Signed(-difference.Interval.Low)}, {P(difference.PValue)}; paired bootstrap over images)";

    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Against            '{Printable.Text(OtherName)}'");
        output.WriteLine(
            Comparison.Second.MeanAveragePrecision is null
                ? $"Its accuracy       {EvaluationView.Accuracy(Comparison.Second.Correct, Comparison.Second.Count)}"
                : $"Its mean AP        {LabelView.Precision(Comparison.Second)}"
        );
        if (Comparison.MeanAveragePrecisionDifference is PairedDifference difference)
        {
            output.WriteLine($"Difference         {Text(difference)}");
        }

        output.WriteLine(
            $"Only one is right  '{Printable.Text(Name)}' on {Comparison.FirstOnly:N0} images, "
                + $"'{Printable.Text(OtherName)}' on {Comparison.SecondOnly:N0}"
        );
        output.WriteLine($"Verdict            {Verdict} ({P(Comparison.PValue)}; McNemar's exact test, two-sided)");
    }

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0", CultureInfo.InvariantCulture);

    /// <summary>"p = 0.0150"</summary>
    public static string P(double value) => value < LeastShown ? $"p < {LeastShown}" : $"p = {value:0.0000}";

    private static JsonObject JsonOf(PairedDifference difference) =>
        new()
        {
            ["difference"] = difference.Value,
            ["interval"] = new JsonArray(difference.Interval.Low, difference.Interval.High),
            ["pValue"] = difference.PValue,
            ["isDifference"] = difference.IsDifference,
        };

    public JsonObject ToJson()
    {
        JsonObject json = new()
        {
            ["model"] = OtherName,
            ["accuracy"] = Comparison.Second.Accuracy,
            ["accuracyInterval"] = new JsonArray(
                Comparison.Second.AccuracyInterval.Low,
                Comparison.Second.AccuracyInterval.High
            ),
            ["count"] = Comparison.Second.Count,
            ["correct"] = Comparison.Second.Correct,
            ["logLoss"] = Comparison.Second.LogLoss,
            ["calibrationError"] = Comparison.Second.CalibrationError,
            ["onlyFirstCorrect"] = Comparison.FirstOnly,
            ["onlyOtherCorrect"] = Comparison.SecondOnly,
            ["pValue"] = Comparison.PValue,
            ["verdict"] = Verdict,
        };
        if (Comparison.Second.MeanAveragePrecision is double precision)
        {
            json["meanAveragePrecision"] = precision;
            json["meanAveragePrecisionTest"] = JsonOf(Comparison.MeanAveragePrecisionDifference!);
            json["microF1"] = Comparison.Second.MicroF1;
            json["macroF1"] = Comparison.Second.MacroF1;
            json["exactMatch"] = Comparison.Second.ExactMatch;
        }

        return json;
    }
}
