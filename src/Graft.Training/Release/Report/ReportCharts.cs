using Graft.Training.Metrics;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The charts of a report.</summary>
internal static class ReportCharts
{
    private const int MostClasses = 60; // more bars do not fit on a page

    /// <summary>All charts that a run has, with names for their files.</summary>
    public static IEnumerable<(string Name, Chart Chart)> Of(ReportSource source)
    {
        RunEvaluation evaluation = source.Evaluation;
        if (evaluation.Classes.Count <= MostClasses)
        {
            yield return ("classes", Classes(evaluation));
        }

        if (!source.AreSets && evaluation.Classes.Count <= ConfusionMatrix.MostClasses)
        {
            yield return ("confusion", Confusion(evaluation));
        }

        yield return ("reliability", Reliability(evaluation, source.AreSets));
        yield return ("confidences", Confidences(evaluation, source.AreSets));
        yield return ("risk-coverage", RiskCoverage(evaluation));
        if (Images(source) is BarChart images)
        {
            yield return ("images", images);
        }

        foreach ((int i, IReadOnlyList<EpochCurve> training) in source.History.Trainings.Index())
        {
            foreach ((string name, LineChart chart) in CurveCharts.Of(training, i + 1))
            {
                yield return ($"training-{i + 1}-{name}", chart);
            }
        }
    }

    /// <summary>Recall of each class, or average precision of each label.</summary>
    public static BarChart Classes(RunEvaluation evaluation)
    {
        bool areSets = evaluation.LabelPairs is not null;
        string name = areSets ? "average precision" : "recall";
        return new BarChart(
            areSets ? "Average precision of each label" : "Recall of each class",
            ChartAxis.OfShares(name),
            [.. evaluation.Classes.Select(one => one.Name)],
            [new(name, Blue, [.. evaluation.Classes.Select(one => (areSets ? one.AveragePrecision : one.Recall) ?? 0)])]
        ).AsHighAsNeeded();
    }

    /// <summary>Accuracy by confidence; for several labels the share of true ones by probability.</summary>
    public static LineChart Reliability(RunEvaluation evaluation, bool areSets) =>
        new(
            areSets ? "True labels by probability" : "Accuracy by confidence",
            ChartAxis.OfShares(areSets ? "probability" : "confidence"),
            ChartAxis.OfShares(areSets ? "share of true labels" : "accuracy"),
            [
                new("perfect calibration", Grey, [(0, 0), (1, 1)]) { IsDashed = true },
                new(
                    "this model",
                    Blue,
                    [
                        .. evaluation
                            .Reliability.Where(bin => bin.Count > 0)
                            .Select(bin => (bin.MeanConfidence!.Value, bin.Accuracy!.Value)),
                    ]
                )
                {
                    HasDots = true,
                },
            ]
        );

    /// <summary>How many answers have which confidence.</summary>
    public static BarChart Confidences(RunEvaluation evaluation, bool areSets)
    {
        ReliabilityBin[] bins = [.. evaluation.Reliability.Reverse().SkipWhile(bin => bin.Count == 0)];
        string counted = areSets ? "decisions" : "images";
        return new BarChart(
            areSets ? "Decisions by confidence" : "Test images by confidence",
            ChartAxis.FromZero(counted, bins.Max(bin => bin.Count)),
            [.. bins.Select(bin => FormattableString.Invariant($"{bin.Low:0.00} to {bin.High:0.00}"))],
            [new(counted, Blue, [.. bins.Select(bin => (double)bin.Count)])]
        ).AsHighAsNeeded();
    }

    /// <summary>Wrong answers by the share of images that are answered.</summary>
    public static LineChart RiskCoverage(RunEvaluation evaluation)
    {
        (double X, double Y)[] points =
        [
            .. evaluation
                .RiskCoverage.Where(point => point.Risk is not null)
                .Select(point => (point.Coverage, point.Risk!.Value))
                .OrderBy(point => point.Coverage),
        ];
        return new(
            "Wrong answers by share of images answered",
            ChartAxis.OfShares("share of images answered"),
            ChartAxis.FromZero("share of wrong answers", Math.Max(0.01, points.Max(point => point.Y))),
            [new("wrong answers", Orange, points) { HasDots = true }]
        );
    }

    private static MatrixChart Confusion(RunEvaluation evaluation)
    {
        int[] order = ConfusionMatrix.OrderOf(evaluation);
        return new MatrixChart(
            "Confusion matrix: true class by row, answer by column",
            [.. order.Select(c => evaluation.Classes[c].Name)],
            [.. order.Select(row => order.Select(column => evaluation.Confusion[row][column]).ToArray())]
        ).AsLargeAsNeeded();
    }

    /// <summary>Images of each class and part; null where there are too many classes.</summary>
    public static BarChart? Images(ReportSource source)
    {
        string[] classes = [.. source.Evaluation.Classes.Select(one => one.Name)];
        if (classes.Length > MostClasses)
        {
            return null;
        }

        BarPart PartOf(string name, string colour, ImagePart part) =>
            new(name, colour, [.. classes.Select(one => (double)source.CountOf(one, part))]);
        double most = classes.Max(one => Enum.GetValues<ImagePart>().Sum(part => source.CountOf(one, part)));
        return new BarChart(
            "Images of each class and part",
            ChartAxis.FromZero("images", most),
            classes,
            [
                PartOf("train", Blue, ImagePart.Train),
                PartOf("validation", Orange, ImagePart.Validation),
                PartOf("test", Grey, ImagePart.Test),
            ]
        ).AsHighAsNeeded();
    }
}
