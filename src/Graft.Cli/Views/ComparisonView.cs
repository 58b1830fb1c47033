using System.Text.Json.Nodes;
using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Metrics;

namespace Graft.Cli.Views;

/// <summary>Two models on the same images.</summary>
/// <param name="Name">The first model's file; untrusted text, as is <paramref name="OtherName"/>.</param>
/// <param name="Other">The second model's evaluation.</param>
/// <param name="Test">The first model against the second.</param>
internal sealed record ComparisonView(string Name, string OtherName, Evaluation Other, McNemar Test)
{
    private const double LeastShown = 0.0001;

    /// <summary>One line: which is better, or that the images do not tell.</summary>
    public string Verdict
    {
        get
        {
            if (Test.FirstOnly + Test.SecondOnly == 0)
            {
                return "both are right on the very same images";
            }

            string better = Printable.Text(Test.FirstOnly > Test.SecondOnly ? Name : OtherName);
            return Test.IsDifference
                ? $"'{better}' is better"
                : "no difference is shown: equally good models differ so much by chance";
        }
    }

    public void Write(TextWriter output)
    {
        string p = Test.PValue < LeastShown ? $"p < {LeastShown}" : $"p = {Test.PValue:0.0000}";
        output.WriteLine();
        output.WriteLine($"Against            '{Printable.Text(OtherName)}'");
        output.WriteLine($"Its accuracy       {EvaluationView.Accuracy(Other.Correct, Other.Count)}");
        output.WriteLine(
            $"Only one is right  '{Printable.Text(Name)}' on {Test.FirstOnly:N0} images, '{Printable.Text(OtherName)}' on {Test.SecondOnly:N0}"
        );
        output.WriteLine($"Verdict            {Verdict} ({p}; McNemar's exact test, two-sided)");
    }

    public JsonObject ToJson() =>
        new()
        {
            ["model"] = OtherName,
            ["accuracy"] = Other.Accuracy,
            ["accuracyInterval"] = new JsonArray(Other.AccuracyInterval.Low, Other.AccuracyInterval.High),
            ["count"] = Other.Count,
            ["correct"] = Other.Correct,
            ["logLoss"] = Other.LogLoss,
            ["calibrationError"] = Other.CalibrationError,
            ["onlyFirstCorrect"] = Test.FirstOnly,
            ["onlyOtherCorrect"] = Test.SecondOnly,
            ["pValue"] = Test.PValue,
            ["verdict"] = Verdict,
        };
}
