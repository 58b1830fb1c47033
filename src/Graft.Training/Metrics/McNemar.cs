namespace Graft.Training.Metrics;

/// <summary>
/// Whether two models that saw the same images differ (McNemar, Psychometrika 12, 1947): only the images count that one
/// of them alone gets right. The exact
/// binomial test at every count; the chi-square approximation would save nothing here and be wrong for small ones.
/// </summary>
/// <param name="FirstOnly">Images that only the first model gets right.</param>
/// <param name="SecondOnly">Images that only the second model gets right.</param>
/// <param name="PValue">Two-sided: how likely so large a difference is between models that are equally good.</param>
internal sealed record McNemar(int FirstOnly, int SecondOnly, double PValue)
{
    /// <summary>From this p-value on down a difference counts as shown.</summary>
    public const double Level = 0.05;

    /// <summary>
    /// True where so large a difference would come up in less than one of twenty comparisons of equally good models.
    /// </summary>
    public bool IsDifference => PValue < Level;

    /// <param name="first">[N]: whether the first model is right.</param>
    /// <param name="second">[N]: whether the second model is right, on the same images in the same order.</param>
    public static McNemar Of(ReadOnlySpan<bool> first, ReadOnlySpan<bool> second)
    {
        if (first.IsEmpty || first.Length != second.Length)
        {
            throw new ArgumentException(
                $"{first.Length} and {second.Length} answers cannot be compared; give both models the same images",
                nameof(second)
            );
        }

        int firstOnly = 0;
        int secondOnly = 0;
        for (int n = 0; n < first.Length; n++)
        {
            firstOnly += first[n] && !second[n] ? 1 : 0;
            secondOnly += second[n] && !first[n] ? 1 : 0;
        }

        return Of(firstOnly, secondOnly);
    }

    /// <param name="firstOnly">0 or more.</param>
    /// <param name="secondOnly">0 or more.</param>
    public static McNemar Of(int firstOnly, int secondOnly)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstOnly);
        ArgumentOutOfRangeException.ThrowIfNegative(secondOnly);
        double tail = Binomial.AtMost(Math.Min(firstOnly, secondOnly), firstOnly + secondOnly, 0.5);
        return new(firstOnly, secondOnly, Math.Min(1, 2 * tail));
    }
}
