using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>What the run tried and why it chose as it did: in words, with the tables behind a disclosure.</summary>
internal static class TrialSection
{
    public static PageSection? Of(ReportSource source)
    {
        IReadOnlyList<TrialTable> trials = source.Evaluation.Trials;
        return trials.Count == 0
            ? null
            : new(
                "trials",
                "What was tried",
                $"Measured on images that the weights did not see; the test images took no part. {Stopped(source)}",
                [.. trials.SelectMany((table, i) => BlocksOf(source, table, i))]
            );
    }

    private static string Stopped(ReportSource source) => $"Training stopped because {source.Evaluation.Stopped}.";

    private static IEnumerable<Markup> BlocksOf(ReportSource source, TrialTable table, int index)
    {
        yield return Block.Heading(char.ToUpperInvariant(table.Subject[0]) + table.Subject[1..]);
        int chosen = table.Trials.Index().FirstOrDefault(trial => trial.Item.IsChosen, (-1, null!)).Index;
        Markup Accuracy(int trial) =>
            source.Figures.Share(string.Create(CultureInfo.InvariantCulture, $"trials.{index}.tried.{trial}.accuracy"));
        string tried = Counted(table.Trials.Count, "setting");
        if (chosen < 0)
        {
            yield return Block.Paragraph($"{tried} tried, none was chosen ({table.Rule}).");
        }
        else if (chosen == 0)
        {
            yield return Block.Paragraph(
                $"""
                The usual setting was kept: {table.Trials[0].Choice}, {source.Measure} {Accuracy(0)}. {tried}
                tried; the rule is {table.Rule}.
                """
            );
        }
        else
        {
            yield return Block.Paragraph(
                $"""
                Chosen: {table.Trials[chosen].Choice}. Its {source.Measure} is {Accuracy(chosen)}; that of the
                usual setting ({table.Trials[0].Choice}) is {Accuracy(0)}. {tried} tried; the rule is {table.Rule}.
                """
            );
        }

        yield return Block.Details("Everything that was tried", TableOf(source, table, index));
    }

    private static Markup TableOf(ReportSource source, TrialTable table, int index) =>
        Block.Table(
            $"{table.Subject}: settings",
            ["setting", source.Measure, "loss (nats)"],
            table.Trials.Select(
                (trial, i) =>
                    new PageRow(
                        trial.Choice,
                        source.Figures.Share($"trials.{index}.tried.{i}.accuracy"),
                        source.Figures.Number($"trials.{index}.tried.{i}.loss")
                    )
                    {
                        IsChosen = trial.IsChosen,
                    }
            )
        );
}
