using System.Globalization;
using Graft.Training.Metrics;
using Graft.Training.Run;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The learning curves of one training: its loss, its accuracy and its learning rate.</summary>
internal static class CurveCharts
{
    /// <summary>A name that tells trainings apart.</summary>
    /// <param name="training">The phases of the training.</param>
    /// <param name="number">Counted from 1.</param>
    public static string NameOf(IReadOnlyList<EpochCurve> training, int number)
    {
        string kind = training[^1].Phase switch
        {
            PhaseNames.Search => "search",
            PhaseNames.HeadTraining => "head only",
            _ when training[^1].Epochs.All(epoch => epoch.ValidationLoss is null) => "fine-tuning on all images",
            _ => "fine-tuning",
        };
        return string.Create(CultureInfo.InvariantCulture, $"Training {number}: {kind}");
    }

    /// <summary>The charts, with a word for each.</summary>
    public static IEnumerable<(string Name, LineChart Chart)> Of(IReadOnlyList<EpochCurve> training, int number)
    {
        string name = NameOf(training, number);
        EpochEnded[] epochs = [.. training.SelectMany(phase => phase.Epochs)];
        ChartMark[] marks = [.. MarksOf(training)];
        ChartAxis across = ChartAxis.OfCounts("epoch", epochs.Length);
        LineChart ChartOf(string what, ChartAxis up, params ChartLine[] lines) =>
            new($"{name}, {what}", across, up, [.. lines.Where(line => line.Points.Count > 0)]) { Marks = marks };

        ChartLine train = LineOf("training", Blue, epochs, epoch => epoch.TrainLoss);
        ChartLine validation = LineOf("validation", Orange, epochs, epoch => epoch.ValidationLoss);
        double highest = train.Points.Concat(validation.Points).Select(point => point.Y).DefaultIfEmpty(1).Max();
        yield return ("loss", ChartOf("loss", ChartAxis.FromZero("nats an image", highest), train, validation));
        ChartLine accuracy = LineOf("validation", Orange, epochs, epoch => epoch.ValidationAccuracy);
        if (accuracy.Points.Count > 0)
        {
            string measure = MeasureName.Of(epochs[0].Task);
            yield return (measure, ChartOf(measure, ChartAxis.OfShares("share"), accuracy));
        }

        ChartLine rate = LineOf("rate of the head", Green, epochs, epoch => epoch.Rate);
        double fastest = rate.Points.Select(point => point.Y).DefaultIfEmpty(1).Max();
        yield return ("rate", ChartOf("learning rate", ChartAxis.FromZero("rate", fastest), rate));
    }

    // where a phase begins, if there are several
    private static IEnumerable<ChartMark> MarksOf(IReadOnlyList<EpochCurve> training)
    {
        int first = 1;
        foreach (EpochCurve phase in training.Count > 1 ? training : [])
        {
            yield return new(first, phase.Phase);
            first += phase.Epochs.Count;
        }
    }

    private static ChartLine LineOf(
        string name,
        string colour,
        EpochEnded[] epochs,
        Func<EpochEnded, double?> valueOf
    ) =>
        new(
            name,
            colour,
            [
                .. epochs
                    .Select((epoch, i) => (X: i + 1.0, Y: valueOf(epoch) ?? double.NaN))
                    .Where(point => double.IsFinite(point.Y)),
            ]
        )
        {
            HasDots = true,
        };
}
