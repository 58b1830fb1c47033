namespace Graft.Training.Probe;

/// <summary>
/// Which penalty wins: the strongest whose mean log-loss cannot be told from the lowest. Told from: by more than the
/// standard error of the difference,
/// image by image, and by more than one image in all misjudged by one nat, which no cross-validation on N images can
/// verify. At most a decade stronger: with ten images
/// nothing can be told from anything, and the strongest penalty learns nothing (hymenoptera, 5 images a class, seed 4:
/// test accuracy 0.48 instead of 0.93).
/// Why the loss and not the accuracy: measured on 60 random splits of golden/logistic's 510 images (10 a class to
/// train; in brackets 20), test accuracy
/// 0.879 (0.912) and test loss 0.389 (0.263) by the lowest loss; 0.874 (0.910) and 0.79 (0.37) by the highest accuracy;
/// 0.858 (0.902) and 1.73 (0.93) by the
/// strongest penalty within a standard error of the highest accuracy. Accuracy counts few images and has ties over
/// decades.
/// </summary>
internal static class PenaltySelection
{
    private const double MostStronger = 10 * 1.001; // rounding of the grid's values

    /// <param name="scores">By rising C, that is by falling penalty.</param>
    /// <param name="weights">[N] of the rows; null: one each.</param>
    public static PenaltyScore Best(IReadOnlyList<PenaltyScore> scores, double[]? weights)
    {
        PenaltyScore lowest = scores.MinBy(score => score.Trial.MeanLossNats)!;
        return scores.First(score =>
            score == lowest
            || (
                score.Trial.InverseL2 * MostStronger >= lowest.Trial.InverseL2
                && IsTied(score.Losses, lowest.Losses, weights)
            )
        );
    }

    /// <summary>Whether losses, image by image, cannot be told from the lowest ones.</summary>
    public static bool IsTied(double[] losses, double[] lowest, double[]? weights)
    {
        WeightedMean difference = new();
        int count = 0;
        for (int n = 0; n < losses.Length; n++)
        {
            if (!double.IsNaN(losses[n]))
            {
                difference.Add(losses[n] - lowest[n], weights?[n] ?? 1);
                count++;
            }
        }

        return difference.Mean <= Math.Max(difference.StandardError, 1.0 / count);
    }
}
