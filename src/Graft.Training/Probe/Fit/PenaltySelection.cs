namespace Graft.Training.Probe;

/// <summary>
/// Chooses the strongest penalty whose mean log-loss is practically the lowest. The difference, image by image, must be
/// within its standard error, or at most one nat for a single image in all, which no cross-validation on N images can
/// resolve. The penalty is at most a decade stronger: with ten images no loss differs clearly, and the strongest
/// penalty learns nothing (hymenoptera, 5 images per class, seed 4: test accuracy 0.48 instead of 0.93). The loss
/// decides, not the accuracy, which counts few images and has ties over decades. Measured on 60 random splits of
/// golden/logistic's 510 images with 10 (20) training images per class: the lowest loss gives test accuracy 0.879
/// (0.912) and test loss 0.389 (0.263). The highest accuracy gives 0.874 (0.910) and 0.79 (0.37). The strongest penalty
/// within a standard error of the highest accuracy gives 0.858 (0.902) and 1.73 (0.93).
/// </summary>
internal static class PenaltySelection
{
    private const double MostStronger = 10 * 1.001; // rounding of the grid's values

    /// <param name="scores">Scores by rising C, which means by falling penalty.</param>
    /// <param name="weights">Weight of each row, [N]; null: all are 1.</param>
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

    /// <summary>True where losses are practically as low as the lowest, compared image by image.</summary>
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
