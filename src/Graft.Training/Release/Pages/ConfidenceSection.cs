using Graft.Training.Metrics;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>How well the model's confidence predicts its accuracy, and what a threshold on it achieves.</summary>
internal static class ConfidenceSection
{
    public static void AddTo(HtmlPage page, FinalEvaluation evaluation)
    {
        Evaluation shipped = evaluation.Shipped;
        string error = Number(shipped.CalibrationError, "0.000");
        string before = Number(evaluation.CalibrationErrorBefore, "0.000");
        string temperature = Number(evaluation.Exported.Temperature, "0.00");
        page.Heading(
            "Reliability of the confidence",
            $"expected calibration error {error}; {before} before the temperature of {temperature}"
        );
        page.Append($"{ChartOf(shipped).ToElement()}\n");
        page.Table(["confidence threshold", "answers", "share of all", "wrong"], shipped.RiskCoverage.Select(RowOf));
        if (evaluation.Exported.Threshold?.UnsureBelow is double threshold)
        {
            page.Paragraph($"Below {Number(threshold, "0.000")} the model answers \"unsure\".");
        }
    }

    private static LineChart ChartOf(Evaluation shipped)
    {
        ChartLine diagonal = new("perfect calibration", Grey, [(0, 0), (1, 1)]);
        ChartLine accuracy = new(
            "accuracy",
            Blue,
            [
                .. shipped
                    .Reliability.Where(bin => bin.Count > 0)
                    .Select(bin => (bin.MeanConfidence!.Value, bin.Accuracy!.Value)),
            ]
        )
        {
            HasDots = true,
        };
        return new(
            "Accuracy by confidence",
            new("confidence", 0, 1, [0, 1]),
            new("accuracy", 0, 1, Quarters(1)),
            [diagonal, accuracy]
        );
    }

    private static (IReadOnlyList<string> Cells, bool IsChosen) RowOf(Abstention point) =>
        Row(Number(point.Threshold, "0.000"), Number(point.Answered, "N0"), Share(point.Coverage), Share(point.Risk));
}
