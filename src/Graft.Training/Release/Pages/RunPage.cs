using Graft.Training.FineTuning;
using Graft.Training.Run;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>Writes report.html: the result of a run, the reasons for it and its mistakes.</summary>
internal static class RunPage
{
    /// <summary>The page as HTML.</summary>
    /// <param name="evaluation">The results on the test images.</param>
    /// <param name="choice">The candidates and the one that was shipped.</param>
    /// <param name="history">The learning curves and notices of the run.</param>
    /// <param name="seconds">Seconds of each phase.</param>
    /// <param name="options">The options of the run.</param>
    public static string Write(
        FinalEvaluation evaluation,
        CandidateSelection choice,
        RunHistory history,
        IReadOnlyDictionary<string, double> seconds,
        RunOptions options
    )
    {
        HtmlPage page = new($"graft: {options.Images}");
        AddHeadline(page, evaluation, choice, options);
        AddTrials(page, choice);
        LearningCurveSection.AddTo(page, history.Curves);
        ClassSection.AddTo(page, evaluation.Shipped);
        MistakeSection.AddTo(page, evaluation.Mistakes, options.Options.Limits.Image);
        ConfidenceSection.AddTo(page, evaluation);
        AddNotices(page, history.Notices.Where(notice => notice.Text != choice.Reason));
        page.Heading("Time", $"{seconds.Values.Sum():0} s")
            .Table(["phase", "seconds"], seconds.Select(phase => Row(phase.Key, Number(phase.Value, "0.0"))));
        return page.ToString();
    }

    private static void AddHeadline(
        HtmlPage page,
        FinalEvaluation evaluation,
        CandidateSelection choice,
        RunOptions options
    )
    {
        Evaluation shipped = evaluation.Shipped;
        string interval = $"{Share(shipped.AccuracyInterval.Low)} to {Share(shipped.AccuracyInterval.High)}";
        page.Append($"<p><span class=figure>{Share(shipped.Accuracy)}</span> of {shipped.Count:N0} test images ");
        if (evaluation.TestGroups > 0)
        {
            page.Append($"in {evaluation.TestGroups:N0} {(evaluation.TestGroups == 1 ? "group" : "groups")} ");
        }

        page.Append($"are classified correctly <span class=quiet>(95 % interval {interval}; ");
        page.Append($"the linear probe alone: {Share(evaluation.Probe.Accuracy)})</span></p>\n");
        if (evaluation.LeakedCount > 0)
        {
            string without = evaluation.WithoutLeaks is null
                ? ""
                : $"; without them the accuracy is {Share(evaluation.WithoutLeaks.Accuracy)}";
            page.Paragraph(
                $"{evaluation.LeakedCount} test images show the same as a training or validation image{without}.",
                "card warning"
            );
        }

        string body = $"Body: {options.Options.Body.Text}, seed {options.Options.Seed}.";
        page.Paragraph(choice.Reason).Paragraph($"Training stopped because {choice.Stopped}. {body}", "quiet");
    }

    private static void AddTrials(HtmlPage page, CandidateSelection choice)
    {
        foreach (TrialTable table in choice.Trials)
        {
            page.Heading(char.ToUpperInvariant(table.Subject[0]) + table.Subject[1..], $"chosen by {table.Rule}");
            page.Table(["setting", "accuracy", "loss (nats)", ""], table.Trials.Select(RowOf));
        }
    }

    private static (IReadOnlyList<string> Cells, bool IsChosen) RowOf(Trial trial) =>
        (
            [trial.Choice, Share(trial.Accuracy), Number(trial.Loss, "0.000"), trial.IsChosen ? "chosen" : ""],
            trial.IsChosen
        );

    private static void AddNotices(HtmlPage page, IEnumerable<Notice> notices)
    {
        foreach ((int index, Notice notice) in notices.Index())
        {
            if (index == 0)
            {
                page.Heading("Notices");
            }

            page.Paragraph(notice.Text, notice.IsWarning ? "card warning" : "card note");
        }
    }
}
