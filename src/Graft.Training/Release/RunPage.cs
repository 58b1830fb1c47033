using System.Globalization;
using Graft.Imaging;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>report.html: what a run made, why, and where it errs, for somebody who was not there.</summary>
internal static class RunPage
{
    private const int MostMistakes = 24;
    private const int MostCells = 30; // classes of a confusion matrix that a screen can show
    private const int MostConfusions = 20;
    private const string Blue = "#1e6fd9",
        Orange = "#ef8c00",
        Grey = "#888";

    public static string Write(
        FinalEvaluation evaluation,
        CandidateSelection choice,
        RunHistory story,
        IReadOnlyDictionary<string, double> seconds,
        RunOptions options
    )
    {
        HtmlPage page = new($"graft: {options.Images}");
        Headline(page, evaluation, choice, options);
        Trials(page, choice);
        Curves(page, story);
        Classes(page, evaluation.Shipped);
        Confusions(page, evaluation.Shipped);
        Mistakes(page, evaluation, options.Options.Limits.Image);
        Confidence(page, evaluation);
        Notices(page, story.Notices.Where(notice => notice.Text != choice.Reason));
        page.Heading("Time", $"{seconds.Values.Sum():0} s")
            .Table(
                ["phase", "seconds"],
                seconds.Select(phase => ((IReadOnlyList<string>)[phase.Key, Number(phase.Value, "0.0")], false))
            );
        return page.ToString();
    }

    private static void Headline(
        HtmlPage page,
        FinalEvaluation evaluation,
        CandidateSelection choice,
        RunOptions options
    )
    {
        Evaluation shipped = evaluation.Shipped;
        page.Append(
            $"<p><span class=figure>{Share(shipped.Accuracy)}</span> of {shipped.Count:N0} test images are classified correctly "
        );
        page.Append(
            $"<span class=quiet>(95 % interval {Share(shipped.AccuracyInterval.Low)} to {Share(shipped.AccuracyInterval.High)}; the probe alone: {Share(evaluation.Probe.Accuracy)})</span></p>\n"
        );
        if (evaluation.LeakedCount > 0)
        {
            string without = evaluation.WithoutLeaks is null
                ? ""
                : $"; without them {Share(evaluation.WithoutLeaks.Accuracy)}";
            page.Paragraph(
                $"{evaluation.LeakedCount} of the test images were learnt from in another copy{without}.",
                "card warning"
            );
        }

        page.Paragraph(choice.Reason)
            .Paragraph(
                $"Training stopped because {choice.Stopped}. The network: {options.Options.Body}, seed {options.Options.Seed}.",
                "quiet"
            );
    }

    private static void Trials(HtmlPage page, CandidateSelection choice)
    {
        foreach (TrialTable table in choice.Trials)
        {
            page.Heading(char.ToUpperInvariant(table.Subject[0]) + table.Subject[1..], $"chosen by {table.Rule}");
            page.Table(
                ["tried", "accuracy", "loss (nats)", ""],
                table.Trials.Select(trial =>
                    (
                        (IReadOnlyList<string>)
                            [
                                trial.Choice,
                                Share(trial.Accuracy),
                                Number(trial.Loss, "0.000"),
                                trial.IsChosen ? "chosen" : "",
                            ],
                        trial.IsChosen
                    )
                )
            );
        }
    }

    private static void Curves(HtmlPage page, RunHistory story)
    {
        if (story.Curves.Count == 0)
        {
            return;
        }

        page.Heading("How it learnt", "mean loss an epoch, nats; training's has smoothed labels and random views")
            .Append($"<div class=cards>");
        foreach (EpochCurve curve in story.Curves)
        {
            ChartLine[] lines =
            [
                new(
                    "training",
                    Blue,
                    [
                        .. curve
                            .Epochs.Where(e => double.IsFinite(e.TrainLoss))
                            .Select(e => ((double)e.Epoch, e.TrainLoss)),
                    ]
                )
                {
                    HasDots = true,
                },
                new(
                    "validation",
                    Orange,
                    [
                        .. curve
                            .Epochs.Where(e => e.ValidationLoss is double loss && double.IsFinite(loss))
                            .Select(e => ((double)e.Epoch, e.ValidationLoss!.Value)),
                    ]
                )
                {
                    HasDots = true,
                },
            ];
            lines = [.. lines.Where(line => line.Points.Count > 0)];
            double most = lines.SelectMany(line => line.Points).Select(point => point.Y).DefaultIfEmpty(1).Max();
            int epochs = curve.Epochs[^1].Epoch;
            LineChart chart = new(
                $"{curve.Phase}: loss by epoch",
                new("epoch", 1, epochs, epochs == 1 ? [1] : [1, epochs]),
                new("loss", 0, most, Quarters(most)),
                lines
            );
            page.Append($"<div class=card><b>{HtmlPage.Text(curve.Phase)}</b>{chart.ToElement()}</div>\n");
        }

        page.Append($"</div>");
    }

    private static void Classes(HtmlPage page, Evaluation shipped) =>
        page.Heading(
                "Classes",
                "recall: the share of the class that is found; precision: the share of what is called so that is right"
            )
            .Table(
                ["class", "test images", "recall", "precision", "F1"],
                shipped
                    .Classes.OrderBy(c => c.F1 ?? 2)
                    .Select(c =>
                        (
                            (IReadOnlyList<string>)
                                [
                                    c.Name,
                                    Number(c.Support, "N0"),
                                    Share(c.Recall),
                                    Share(c.Precision),
                                    Number(c.F1, "0.000"),
                                ],
                            false
                        )
                    )
            );

    private static void Confusions(HtmlPage page, Evaluation shipped)
    {
        IReadOnlyList<ClassEvaluation> classes = shipped.Classes;
        if (classes.Count <= MostCells)
        {
            page.Heading("What is taken for what", "rows: the class; columns: the answer")
                .Append(
                    $"<div class=wide><table><tr><th>{string.Concat(classes.Select(c => $"<th>{HtmlPage.Text(c.Name)}"))}"
                );
            for (int row = 0; row < classes.Count; row++)
            {
                page.Append(
                    $"\n<tr><td>{HtmlPage.Text(classes[row].Name)}{string.Concat(shipped.Confusion[row].Select((count, column) => Cell(count, classes[row].Support, row == column)))}"
                );
            }

            page.Append($"</table></div>\n");
            return;
        }

        var pairs =
            from row in Enumerable.Range(0, classes.Count)
            from column in Enumerable.Range(0, classes.Count)
            where row != column && shipped.Confusion[row][column] > 0
            orderby shipped.Confusion[row][column] descending
            select (
                (IReadOnlyList<string>)
                    [
                        $"{classes[row].Name} taken for {classes[column].Name}",
                        Number(shipped.Confusion[row][column], "N0"),
                        Number(classes[row].Support, "N0"),
                    ],
                false
            );
        page.Heading("What is taken for what", $"the {MostConfusions} most frequent")
            .Table(["", "times", "test images of the class"], pairs.Take(MostConfusions));
    }

    private static string Cell(int count, int support, bool isRight) =>
        count == 0
            ? "<td class=quiet>·"
            : FormattableString.Invariant(
                $"<td style=\"background:rgb({(isRight ? "30 111 217" : "239 140 0")}/{0.1 + (0.5 * count / Math.Max(1, support)):0.00})\">{count}"
            );

    private static void Mistakes(HtmlPage page, FinalEvaluation evaluation, DecodeLimits limits)
    {
        if (evaluation.Mistakes.Count == 0)
        {
            page.Heading("Mistakes", "none on the test images");
            return;
        }

        page.Heading(
                "Mistakes",
                $"{evaluation.Mistakes.Count:N0} of the test images, the surest first{(evaluation.Mistakes.Count > MostMistakes ? $", {MostMistakes} shown" : "")}; a wrong label looks like this too"
            )
            .Append($"<div class=\"cards small\">");
        Mistake[] shown = [.. evaluation.Mistakes.Take(MostMistakes)];
        string?[] pictures = new string?[shown.Length];
        Parallel.For(0, shown.Length, i => pictures[i] = Thumbnail.Of(shown[i].Image, limits));
        foreach ((Mistake mistake, string? picture) in shown.Zip(pictures))
        {
            page.Append(
                $"<div class=card>{(picture is null ? "" : $"<img alt=\"\" src=\"data:image/jpeg;base64,{picture}\">")}"
            );
            page.Append(
                $"<b>{HtmlPage.Text(mistake.Image.Label)}, taken for {HtmlPage.Text(mistake.Answer)}</b>{Share(mistake.Confidence)} sure <span class=quiet>{HtmlPage.Text(mistake.Image.Name)}</span></div>\n"
            );
        }

        page.Append($"</div>");
    }

    private static double[] Quarters(double most) => [0, most / 4, most / 2, most * 3 / 4, most];

    private static void Confidence(HtmlPage page, FinalEvaluation evaluation)
    {
        Evaluation shipped = evaluation.Shipped;
        page.Heading(
            "How far its confidence can be trusted",
            $"expected calibration error {Number(shipped.CalibrationError, "0.000")}; {Number(evaluation.CalibrationErrorBefore, "0.000")} before its temperature of {Number(evaluation.Exported.Temperature, "0.00")}"
        );
        ChartLine[] lines =
        [
            new("where both agree", Grey, [(0, 0), (1, 1)]),
            new(
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
            },
        ];
        LineChart chart = new(
            "Accuracy by confidence",
            new("confidence", 0, 1, [0, 1]),
            new("accuracy", 0, 1, Quarters(1)),
            lines
        );
        page.Append($"{chart.ToElement()}\n");
        page.Table(
            ["answering from this confidence on", "answers", "of all", "wrong"],
            shipped.RiskCoverage.Select(row =>
                (
                    (IReadOnlyList<string>)
                        [
                            Number(row.Threshold, "0.000"),
                            Number(row.Answered, "N0"),
                            Share(row.Coverage),
                            Share(row.Risk),
                        ],
                    false
                )
            )
        );
        if (evaluation.Exported.Threshold?.UnsureBelow is double threshold)
        {
            page.Paragraph($"Below {Number(threshold, "0.000")} it answers \"unsure\".");
        }
    }

    private static void Notices(HtmlPage page, IEnumerable<Notice> notices)
    {
        foreach ((int index, Notice notice) in notices.Index())
        {
            (index == 0 ? page.Heading("What was said on the way") : page).Paragraph(
                notice.Text,
                notice.IsWarning ? "card warning" : "card note"
            );
        }
    }

    private static string Share(double? value) =>
        value is double share ? share.ToString("0.0 %", CultureInfo.InvariantCulture) : "–";

    private static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
