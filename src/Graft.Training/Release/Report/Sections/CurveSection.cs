using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The learning curves of all trainings of a run.</summary>
internal static class CurveSection
{
    public static PageSection? Of(ReportSource source)
    {
        if (source.History.Trainings.Count == 0)
        {
            return null;
        }

        List<Markup> blocks = [];
        foreach ((int i, IReadOnlyList<EpochCurve> training) in source.History.Trainings.Index())
        {
            string name = CurveCharts.NameOf(training, i + 1);
            blocks.Add(Block.Heading(name));
            blocks.AddRange(
                training
                    .Where(phase => phase.Detail.Length > 0)
                    .Select(phase => Block.Paragraph($"{phase.Phase}: {source.Relative(phase.Detail)}"))
            );
            blocks.Add(
                Block.Columns(CurveCharts.Of(training, i + 1).Select(one => Block.Chart(one.Chart, "", Markup.Empty)))
            );
            blocks.Add(Block.Details("Numbers of these charts", TableOf(source, name, training)));
        }

        return new(
            "curves",
            "Learning curves",
            "One group of charts a training. The training loss includes smoothed labels and random views, "
                + "so it can lie above the validation loss.",
            blocks
        );
    }

    private static Markup TableOf(ReportSource source, string name, IReadOnlyList<EpochCurve> training) =>
        Block.Table(
            name,
            ["epoch", "training loss", "validation loss", $"validation {source.Measure}", "rate"],
            training.SelectMany(phase =>
                phase.Epochs.Select(epoch => new PageRow(
                    string.Create(CultureInfo.InvariantCulture, $"{phase.Phase} {epoch.Epoch}"),
                    Number(epoch.TrainLoss, "0.000"),
                    Number(epoch.ValidationLoss, "0.000"),
                    Share(epoch.ValidationAccuracy),
                    Number(epoch.Rate, "0.#######")
                ))
            )
        );
}
