namespace Graft.Training.Metrics;

/// <summary>
/// Chooses the probability from which a label is given, for each class by itself, on held-out images.
/// </summary>
internal static class LabelThresholds
{
    /// <summary>Where nothing speaks for another threshold.</summary>
    public const double Usual = 0.5;

    private const int FewestPositives = 5;

    /// <summary>The thresholds that were asked for, [C].</summary>
    /// <param name="asked">How they are chosen.</param>
    /// <inheritdoc cref="ForF1"/>
    public static double[] Of(
        LabelThreshold asked,
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        int classCount
    ) =>
        asked.Fixed is double same ? [.. Enumerable.Repeat(same, classCount)]
        : asked.Precision is double precision ? ForPrecision(probabilities, labels, classCount, precision)
        : ForF1(probabilities, labels, classCount);

    /// <summary>The threshold of the highest F1 of each class, [C]; of equal ones the nearest to one half.</summary>
    /// <param name="probabilities">Calibrated probabilities, [N,C] row by row, of images that trained nothing.</param>
    /// <param name="labels">What is true of them.</param>
    /// <param name="classCount">Number of classes, C.</param>
    public static double[] ForF1(ReadOnlySpan<float> probabilities, TrueLabels labels, int classCount) =>
        Each(probabilities, labels, classCount, (points, positives) =>
            points
                .Append(Point.At(Usual, points))
                .OrderByDescending(point => point.F1(positives))
                .ThenBy(point => Math.Abs(point.Threshold - Usual))
                .First()
                .Threshold
        );

    /// <summary>
    /// The lowest threshold of each class, [C], from which at least a share of the given labels is right, at every
    /// higher one too. 1 where there is none.
    /// </summary>
    /// <param name="precision">The share, 0 to 1.</param>
    /// <inheritdoc cref="ForF1"/>
    public static double[] ForPrecision(
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        int classCount,
        double precision
    ) =>
        Each(probabilities, labels, classCount, (points, _) =>
            points.LastOrDefault(point => point.Precision >= precision)?.Threshold ?? 1
        );

    private static double[] Each(
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        int classCount,
        Func<IReadOnlyList<Point>, int, double> choose
    )
    {
        double[] thresholds = new double[classCount];
        for (int c = 0; c < classCount; c++)
        {
            (float Probability, bool IsTrue)[] column = new (float, bool)[labels.Count];
            for (int n = 0; n < column.Length; n++)
            {
                column[n] = (probabilities[(n * classCount) + c], labels.Has(n, c));
            }

            int positives = column.Count(one => one.IsTrue);
            thresholds[c] = positives < FewestPositives ? Usual : choose(Points(column), positives);
        }

        return thresholds;
    }

    // One for each different probability, from the highest down. The threshold lies half-way to the next lower one.
    private static List<Point> Points((float Probability, bool IsTrue)[] column)
    {
        (float Probability, bool IsTrue)[] sorted = [.. column.OrderByDescending(one => one.Probability)];
        List<Point> points = [];
        int hits = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            hits += sorted[i].IsTrue ? 1 : 0;
            double own = sorted[i].Probability;
            double next = i + 1 < sorted.Length ? sorted[i + 1].Probability : 0;
            if (next < own || i + 1 == sorted.Length)
            {
                points.Add(new((own + next) / 2, own, i + 1, hits));
            }
        }

        return points;
    }

    // What a threshold gives.
    private sealed record Point(double Threshold, double Lowest, int Given, int Hits)
    {
        public double Precision => (double)Hits / Given;

        public double F1(int positives) => 2.0 * Hits / (Given + positives);

        public static Point At(double threshold, IReadOnlyList<Point> points) =>
            points.LastOrDefault(point => point.Lowest >= threshold) is Point found
                ? found with
                {
                    Threshold = threshold,
                }
                : new(threshold, 1, 0, 0);
    }
}
