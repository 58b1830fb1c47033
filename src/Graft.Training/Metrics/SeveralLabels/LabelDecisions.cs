namespace Graft.Training.Metrics;

/// <summary>Figures of labels that were given or not: a probability at or above a class's threshold gives it.</summary>
/// <param name="TruePositives">Labels given and true, of each class, [C].</param>
/// <param name="FalsePositives">Labels given and not true, [C].</param>
/// <param name="FalseNegatives">Labels true and not given, [C].</param>
/// <param name="Exact">Number of images whose labels are all right.</param>
/// <param name="Count">Number of images, N.</param>
internal sealed record LabelDecisions(
    int[] TruePositives,
    int[] FalsePositives,
    int[] FalseNegatives,
    int Exact,
    int Count
)
{
    /// <summary>F1 over all labels of all classes; null where there is neither a label nor an answer.</summary>
    public double? MicroF1 => F1(TruePositives.Sum(), FalsePositives.Sum(), FalseNegatives.Sum());

    /// <summary>Mean F1 of the classes that have one; null where none has.</summary>
    public double? MacroF1
    {
        get
        {
            double[] all = [.. Enumerable.Range(0, TruePositives.Length).Select(F1Of).OfType<double>()];
            return all.Length == 0 ? null : all.Average();
        }
    }

    /// <summary>Share of images whose labels are all right, 0 to 1.</summary>
    public double ExactMatch => (double)Exact / Count;

    /// <summary>Share of wrong decisions among all of images and classes, 0 to 1.</summary>
    public double HammingLoss =>
        (double)(FalsePositives.Sum() + FalseNegatives.Sum()) / ((long)Count * TruePositives.Length);

    public double? PrecisionOf(int c) => Share(TruePositives[c], TruePositives[c] + FalsePositives[c]);

    public double? RecallOf(int c) => Share(TruePositives[c], TruePositives[c] + FalseNegatives[c]);

    public double? F1Of(int c) => F1(TruePositives[c], FalsePositives[c], FalseNegatives[c]);

    /// <summary>Counts decisions.</summary>
    /// <param name="probabilities">Probabilities, [N,C] row by row.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="thresholds">Probability from which each class is given, [C].</param>
    public static LabelDecisions Of(
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        IReadOnlyList<double> thresholds
    )
    {
        int classCount = thresholds.Count;
        LabelDecisions all = new(new int[classCount], new int[classCount], new int[classCount], 0, labels.Count);
        int exact = 0;
        for (int n = 0; n < labels.Count; n++)
        {
            int wrong = 0;
            for (int c = 0; c < classCount; c++)
            {
                (bool isGiven, bool isTrue) = (
                    IsGiven(probabilities[(n * classCount) + c], thresholds[c]),
                    labels.Has(n, c)
                );
                all.TruePositives[c] += isGiven && isTrue ? 1 : 0;
                all.FalsePositives[c] += isGiven && !isTrue ? 1 : 0;
                all.FalseNegatives[c] += !isGiven && isTrue ? 1 : 0;
                wrong += isGiven == isTrue ? 0 : 1;
            }

            exact += wrong == 0 ? 1 : 0;
        }

        return all with
        {
            Exact = exact,
        };
    }

    /// <summary>Whether a label is given.</summary>
    public static bool IsGiven(double probability, double threshold) => probability >= threshold;

    /// <summary>
    /// Coverage error: how far down the ranked classes one must go, on average, to cover all labels of an image. Images
    /// without labels count as 0, as in scikit-learn.
    /// </summary>
    public static double CoverageError(ReadOnlySpan<float> probabilities, TrueLabels labels, int classCount)
    {
        long sum = 0;
        for (int n = 0; n < labels.Count; n++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(n * classCount, classCount);
            float least = float.PositiveInfinity;
            for (int c = 0; c < classCount; c++)
            {
                least = labels.Has(n, c) ? Math.Min(least, row[c]) : least;
            }

            foreach (float probability in row)
            {
                sum += probability >= least ? 1 : 0;
            }
        }

        return (double)sum / labels.Count;
    }

    private static double? F1(int hits, int wrong, int missed) => Share(2 * hits, (2 * hits) + wrong + missed);

    private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
