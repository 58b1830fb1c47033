using System.Text.Json.Nodes;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>An exported model beside the one that it was made from.</summary>
/// <param name="Source">The model's file. Untrusted text.</param>
/// <param name="Result">The result of the export.</param>
internal sealed record ExportView(string Source, ExportResult Result)
{
    public void Write(TextWriter output)
    {
        Comparison compared = Result.Comparison;
        output.WriteLine($"Model       {Printable.Text(Result.Path)}");
        output.WriteLine($"Size        {Result.FileBytes / 1e6:0.0} MB, before {Result.SourceBytes / 1e6:0.0} MB");
        output.WriteLine(
            $"Speed       {Result.Milliseconds:0.0} ms an image without decoding, before "
                + $"{Result.SourceMilliseconds:0.0} ms: {Result.Speedup:0.00} times as fast"
        );
        output.WriteLine($"Images      {compared.First.Count:N0} {Part} images");
        if (compared.MeanAveragePrecisionDifference is PairedDifference difference)
        {
            output.WriteLine($"Mean AP     {LabelView.Precision(compared.Second)}");
            output.WriteLine($"Before      {LabelView.Precision(compared.First)}");
            output.WriteLine($"Difference  {ComparisonView.Text(difference)}");
        }
        else
        {
            output.WriteLine($"Accuracy    {EvaluationView.Accuracy(compared.Second.Correct, compared.Second.Count)}");
            output.WriteLine($"Before      {EvaluationView.Accuracy(compared.First.Correct, compared.First.Count)}");
        }

        output.WriteLine(
            $"Decisions   only the new file is right on {compared.SecondOnly:N0} images, only the old one on "
                + $"{compared.FirstOnly:N0} ({ComparisonView.P(compared.PValue)}; McNemar's exact test, two-sided)"
        );
        if (Result.Chosen is CalibrationTrial chosen)
        {
            output.WriteLine($"Ranges      {Text(chosen)}, the best of {Result.Trials.Count} on validation images");
        }
    }

    public JsonObject ToJson() =>
        new()
        {
            ["model"] = Result.Path,
            ["bytes"] = Result.FileBytes,
            ["bytesBefore"] = Result.SourceBytes,
            ["milliseconds"] = Result.Milliseconds,
            ["millisecondsBefore"] = Result.SourceMilliseconds,
            ["images"] = Part,
            ["count"] = Result.Comparison.First.Count,
            ["accuracyBefore"] = Result.Comparison.First.Accuracy,
            ["meanAveragePrecisionBefore"] = Result.Comparison.First.MeanAveragePrecision,
            ["comparison"] = new ComparisonView(Source, Result.Path, Result.Comparison).ToJson(),
            ["trials"] = new JsonArray([
                .. Result.Trials.Select(trial => new JsonObject
                {
                    ["method"] = Text(trial.Method),
                    ["isEqualized"] = trial.IsEqualized,
                    ["loss"] = trial.Loss,
                    ["accuracy"] = trial.Accuracy,
                }),
            ]),
        };

    private string Part => Result.ComparedPart.ToString().ToLowerInvariant();

    private static string Text(CalibrationTrial trial) =>
        Text(trial.Method) + (trial.IsEqualized ? ", after cross-layer equalization" : "");

    private static string Text(CalibrationMethod method) =>
        method switch
        {
            CalibrationMethod.MinMax => "smallest to largest value",
            CalibrationMethod.Percentile => "percentile",
            CalibrationMethod.Entropy => "entropy",
            _ => "squared error",
        };
}
