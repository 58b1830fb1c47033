using System.Globalization;

namespace Graft.Training.Release;

/// <summary>How well the model's confidence predicts its accuracy, and what a threshold on it achieves.</summary>
internal static class ConfidenceSection
{
    public static PageSection Of(ReportSource source)
    {
        Figures figures = source.Figures;
        RunEvaluation evaluation = source.Evaluation;
        Markup means = source.AreSets
            ? new("the scale and shift of each label")
            : Markup.Of($"dividing the logits by the temperature of {figures.Number("temperature", "0.00")}");
        List<Markup> blocks =
        [
            Block.Paragraph(
                $"""
                The expected calibration error is {figures.Number("calibrationError")}. It was
                {figures.Number("calibrationErrorBefore")} before {means}.
                """
            ),
            Block.Columns([
                Block.Chart(
                    ReportCharts.Reliability(evaluation, source.AreSets),
                    "Below the dashed line the model is too sure, above it not sure enough.",
                    Bins(source)
                ),
                Block.Chart(ReportCharts.Confidences(evaluation, source.AreSets), "", Markup.Empty),
                Block.Chart(
                    ReportCharts.RiskCoverage(evaluation),
                    "A higher confidence threshold answers fewer images, and fewer wrongly.",
                    Markup.Empty
                ),
            ]),
            Risks(source),
        ];
        if (evaluation.UnsureBelow is not null)
        {
            blocks.Insert(
                0,
                Block.Box(
                    "note",
                    Markup.Of(
                        $"""
                        Below a confidence of {figures.Number("unsureBelow")} the model answers "unsure". At most
                        {figures.Share("maxError")} of its other answers should be wrong.{SureOf(source)}
                        """
                    )
                )
            );
        }

        return new("confidence", "Reliability of the confidence", "", blocks);
    }

    private static Markup SureOf(ReportSource source) =>
        source.Evaluation.Sure is null
            ? Markup.Empty
            : Markup.Of(
                $"""
                 From {source.Figures.Number("sure.threshold")} on, it answers
                {source.Figures.Count("sure.answered")} of the test images ({source.Figures.Share("sure.coverage")}),
                {source.Figures.Count("sure.errors")} of them wrongly ({source.Figures.Share("sure.error")}).
                """
            );

    private static Markup Bins(ReportSource source) =>
        Block.Table(
            source.AreSets ? "15 equally wide bins of probability" : "15 equally wide bins of confidence",
            source.AreSets
                ? ["probability", "decisions", "mean probability", "share of true labels"]
                : ["confidence", "test images", "mean confidence", "accuracy"],
            source.Evaluation.Reliability.Select(
                (bin, i) =>
                    new PageRow(
                        Markup.Of(
                            $"""
                            {source.Figures.Number(Path(i, "low"), "0.00")} to
                            {source.Figures.Number(Path(i, "high"), "0.00")}
                            """
                        ),
                        source.Figures.Count(Path(i, "count")),
                        source.Figures.Number(Path(i, "meanConfidence")),
                        source.Figures.Number(Path(i, "accuracy"))
                    )
            )
        );

    private static string Path(int bin, string member) =>
        string.Create(CultureInfo.InvariantCulture, $"reliability.{bin}.{member}");

    private static Markup Risks(ReportSource source)
    {
        Figures figures = source.Figures;
        return Block.Table(
            "What a confidence threshold achieves",
            ["from a confidence of", "answers", "share of all", "wrong", "share of wrong answers"],
            source.Evaluation.RiskCoverage.Select(
                (_, i) =>
                    new PageRow(
                        figures.Number($"riskCoverage.{i}.threshold"),
                        figures.Count($"riskCoverage.{i}.answered"),
                        figures.Share($"riskCoverage.{i}.coverage"),
                        figures.Count($"riskCoverage.{i}.errors"),
                        figures.Share($"riskCoverage.{i}.error")
                    )
            )
        );
    }
}
