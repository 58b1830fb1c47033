using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>Losses and answers for the plain views of images, by fits that did not see them.</summary>
/// <param name="Losses">Loss of each image in nats, [N]; NaN where it was never held out.</param>
/// <param name="Hits">True for each image whose class was found, [N].</param>
internal sealed record OutOfFoldScore(double[] Losses, bool[] Hits)
{
    /// <param name="logits">Logits [N x views, C]. Only the first row of each image counts.</param>
    /// <param name="labels">Class numbers, [N].</param>
    public static OutOfFoldScore Of(double[] logits, int[] labels, int views)
    {
        int classCount = logits.Length / (labels.Length * views);
        double[] losses = new double[labels.Length];
        bool[] hits = new bool[labels.Length];
        for (int image = 0; image < labels.Length; image++)
        {
            ReadOnlySpan<double> row = logits.AsSpan(image * views * classCount, classCount);
            losses[image] = CrossValidation.LogSumExp(row) - row[labels[image]];
            hits[image] = ProbabilityMatrix.IndexOfLargest(row) == labels[image];
        }

        return new(losses, hits);
    }

    public int Count => Losses.Count(loss => !double.IsNaN(loss));

    public double Loss => Losses.Where(loss => !double.IsNaN(loss)).Average();

    public double Accuracy =>
        (double)Losses.Zip(Hits).Count(image => !double.IsNaN(image.First) && image.Second) / Count;

    /// <summary>
    /// False where this loss exceeds that of <paramref name="other"/> by more than the standard error of the
    /// difference, image by image.
    /// </summary>
    public bool IsAsGoodAs(OutOfFoldScore other) => PenaltySelection.IsTied(Losses, other.Losses, null);
}
