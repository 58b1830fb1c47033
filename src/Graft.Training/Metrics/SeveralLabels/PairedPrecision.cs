namespace Graft.Training.Metrics;

/// <summary>
/// Difference of the mean average precision of two models on the same images, by the paired bootstrap: each draw takes
/// the same images for both (Efron and Tibshirani 1993, chapters 13 and 16). The same images give the same figures.
/// </summary>
internal static class PairedPrecision
{
    private const long MostWork = 100_000_000; // images x classes x draws x models: a second or two
    private const int MostDraws = 2000;
    private const int FewestDraws = 200; // p-values down to 0.01

    /// <summary>The first model's figure minus the second's.</summary>
    /// <param name="first">Scores of the first model, [N,C] row by row; only their order in a class matters.</param>
    /// <param name="second">Scores of the second model, [N,C].</param>
    /// <param name="labels">What is true of the images.</param>
    public static PairedDifference Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second, TrueLabels labels)
    {
        int classCount = labels.ClassCount;
        int draws = (int)Math.Clamp(MostWork / (2L * labels.Count * classCount), FewestDraws, MostDraws);
        RankedClass[] ranked = RankedClass.Of(first, labels, classCount);
        RankedClass[] others = RankedClass.Of(second, labels, classCount);
        double[] differences = new double[draws];
        for (int draw = 0; draw < draws; draw++)
        {
            differences[draw] = Difference(Resampling.Draw(labels.Count, draw));
        }

        return new(
            Difference([.. Enumerable.Repeat(1, labels.Count)]),
            Resampling.Middle([.. differences]),
            PValue(differences)
        );

        double Difference(int[] counts) => MeanOf(ranked, counts) - MeanOf(others, counts);
    }

    private static double MeanOf(RankedClass[] classes, int[] counts) =>
        ResampledPrecision.MeanOf(Array.ConvertAll(classes, one => one.AveragePrecision(counts)));

    // Twice the share of draws on the other side of zero. The figure itself counts as a draw, so no p-value is 0.
    private static double PValue(double[] differences)
    {
        int notAbove = differences.Count(one => one <= 0);
        int notBelow = differences.Count(one => one >= 0);
        return Math.Min(1, 2.0 * (Math.Min(notAbove, notBelow) + 1) / (differences.Length + 1));
    }
}
