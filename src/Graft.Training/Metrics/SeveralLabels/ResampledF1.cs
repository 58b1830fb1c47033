namespace Graft.Training.Metrics;

/// <summary>
/// 95 % interval of a class's F1 by the bootstrap over images, as in <see cref="ResampledPrecision"/>.
/// </summary>
internal static class ResampledF1
{
    private const int MostDraws = 1000;
    private const int FewestDraws = 40;
    private const long MostWork = 10_000_000;

    /// <summary>The interval of one class.</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="label">Number of the class.</param>
    /// <param name="thresholds">Probability from which each class is given, [C].</param>
    public static Interval Of(
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        int label,
        IReadOnlyList<double> thresholds
    )
    {
        bool[] isGiven = new bool[labels.Count];
        for (int n = 0; n < isGiven.Length; n++)
        {
            isGiven[n] = LabelDecisions.IsGiven(probabilities[(n * thresholds.Count) + label], thresholds[label]);
        }

        int draws = (int)Math.Clamp(MostWork / labels.Count, FewestDraws, MostDraws);
        List<double> figures = [];
        for (int draw = 0; draw < draws; draw++)
        {
            int[] counts = Resampling.Draw(labels.Count, draw);
            (int hits, int answers) = (0, 0); // answers given, and labels there are
            for (int n = 0; n < counts.Length; n++)
            {
                bool has = labels.Has(n, label);
                hits += isGiven[n] && has ? counts[n] : 0;
                answers += (isGiven[n] ? counts[n] : 0) + (has ? counts[n] : 0);
            }

            if (answers > 0)
            {
                figures.Add(2.0 * hits / answers);
            }
        }

        return Resampling.Middle([.. figures]);
    }
}
