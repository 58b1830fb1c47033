using Graft.Training.Metrics;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>A chart of the losses for each phase of a run.</summary>
internal static class LearningCurveSection
{
    public static void AddTo(HtmlPage page, IReadOnlyList<EpochCurve> curves)
    {
        if (curves.Count == 0)
        {
            return;
        }

        page.Heading(
                "Learning curves",
                "mean loss of each epoch in nats; the training loss includes smoothed labels and random views"
            )
            .Append($"<div class=cards>");
        foreach (EpochCurve curve in curves)
        {
            string chart = ChartOf(curve).ToElement();
            page.Append($"<div class=card><b>{HtmlPage.Text(curve.Phase)}</b>{chart}</div>\n");
        }

        page.Append($"</div>");
    }

    private static LineChart ChartOf(EpochCurve curve)
    {
        ChartLine[] lines =
        [
            LineOf(curve, "training", Blue, epoch => epoch.TrainLoss),
            LineOf(curve, "validation", Orange, epoch => epoch.ValidationLoss),
        ];
        lines = [.. lines.Where(line => line.Points.Count > 0)];
        double highest = lines.SelectMany(line => line.Points).Select(point => point.Y).DefaultIfEmpty(1).Max();
        int epochs = curve.Epochs[^1].Epoch;
        return new(
            $"{curve.Phase}: loss by epoch",
            new("epoch", 1, epochs, epochs == 1 ? [1] : [1, epochs]),
            new("loss", 0, highest, Quarters(highest)),
            lines
        );
    }

    private static ChartLine LineOf(EpochCurve curve, string name, string colour, Func<EpochEnded, double?> lossOf) =>
        new(
            name,
            colour,
            [
                .. curve
                    .Epochs.Select(epoch => ((double)epoch.Epoch, Loss: lossOf(epoch) ?? double.NaN))
                    .Where(point => double.IsFinite(point.Loss)),
            ]
        )
        {
            HasDots = true,
        };
}
