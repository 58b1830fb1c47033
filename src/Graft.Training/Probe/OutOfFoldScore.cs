using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>How images were judged by fits that did not see them, in their plain views.</summary>
/// <param name="Losses">An image, nats; NaN for one that was never held out.</param>
/// <param name="Hits">An image: whether its class was found.</param>
internal sealed record OutOfFoldScore(double[] Losses, bool[] Hits)
{
    /// <param name="logits">[N x views, C]; of each image's rows the first is judged.</param>
    /// <param name="labels">[N].</param>
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
    /// False where this loss is higher than <paramref name="other"/>'s by more than the standard error of the
    /// difference, image by image.
    /// </summary>
    public bool IsAsGoodAs(OutOfFoldScore other) => PenaltySelection.IsTied(Losses, other.Losses, null);
}
