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

    public void Write(TextWriter output)
    {
        string p = Comparison.PValue < LeastShown ? $"p < {LeastShown}" : $"p = {Comparison.PValue:0.0000}";
        output.WriteLine();
        output.WriteLine($"Against            '{Printable.Text(OtherName)}'");
        output.WriteLine(
            $"Its accuracy       {EvaluationView.Accuracy(Comparison.Second.Correct, Comparison.Second.Count)}"
        );
        output.WriteLine(
            $"Only one is right  '{Printable.Text(Name)}' on {Comparison.FirstOnly:N0} images, "
                + $"'{Printable.Text(OtherName)}' on {Comparison.SecondOnly:N0}"
        );
        output.WriteLine($"Verdict            {Verdict} ({p}; McNemar's exact test, two-sided)");
    }

    public JsonObject ToJson() =>
        new()
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
}
