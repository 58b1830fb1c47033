using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>Losses and answers for the plain views of images, by fits that did not see them.</summary>
/// <param name="Losses">Loss of each image in nats, [N]; NaN where it was never held out.</param>
/// <param name="Accuracy">
/// Share of images whose class was found, 0..1; mean average precision where images may have several classes.
/// </param>
internal sealed record OutOfFoldScore(double[] Losses, double Accuracy)
{
    /// <param name="logits">Logits [N x views, C]. Only the first row of each image counts.</param>
    /// <param name="labels">What is true of the images, N.</param>
    /// <param name="views">Rows of an image.</param>
    public static OutOfFoldScore Of(double[] logits, TrueLabels labels, int views)
    {
        int classCount = logits.Length / (labels.Count * views);
        double[] losses = new double[labels.Count];
        List<int> known = [];
        List<double> scores = [];
        int hits = 0;
        for (int image = 0; image < labels.Count; image++)
        {
            ReadOnlySpan<double> row = logits.AsSpan(image * views * classCount, classCount);
            losses[image] = labels.AreSets
                ? Sigmoid.Loss(row, labels, image)
                : LogSum.Of(row) - row[labels.Numbers[image]];
            if (double.IsNaN(losses[image]))
            {
                continue;
            }

            known.Add(image);
            scores.AddRange(row);
            hits += !labels.AreSets && ProbabilityMatrix.IndexOfLargest(row) == labels.Numbers[image] ? 1 : 0;
        }

        return new(
            losses,
            labels.AreSets
                ? AveragePrecision.Mean([.. scores], labels.At(known), classCount)
                : (double)hits / known.Count
        );
    }

    public int Count => Losses.Count(loss => !double.IsNaN(loss));

    public double Loss => Losses.Where(loss => !double.IsNaN(loss)).Average();

    /// <summary>
    /// False where this loss exceeds that of <paramref name="other"/> by more than the standard error of the
    /// difference, image by image.
    /// </summary>
    public bool IsAsGoodAs(OutOfFoldScore other) => PenaltySelection.IsTied(Losses, other.Losses, null);
}
