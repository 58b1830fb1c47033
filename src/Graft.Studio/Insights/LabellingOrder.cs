using System.Numerics.Tensors;

namespace Graft.Studio;

/// <summary>
/// Sorts unlabelled images by what a model would learn most from: uncertain ones, and among these different ones. A
/// greedy cover of the features (Sener and Savarese 2018, "Active learning for convolutional neural networks: a
/// core-set approach"), weighted by the uncertainty.
/// </summary>
internal static class LabellingOrder
{
    /// <summary>Most images whose difference counts: nobody labels more before the next training.</summary>
    public const int MostDiverse = 300;

    // an image that the model is sure of is still worth more the more it differs
    private const float LeastUncertainty = 0.001f;

    /// <summary>The order of images, the most useful first.</summary>
    /// <param name="uncertainty">Uncertainty of each image, 0 to 1.</param>
    /// <param name="features">Gives the features of an image as a vector of length 1.</param>
    /// <param name="cancel">Stops the sorting.</param>
    public static int[] Of(IReadOnlyList<double> uncertainty, FeatureRow features, CancellationToken cancel)
    {
        float[] weights = [.. uncertainty.Select(one => (float)one + LeastUncertainty)];
        float[] distances = [.. Enumerable.Repeat(2f, weights.Length)]; // to the nearest image before it: 1 − cosine
        bool[] isTaken = new bool[weights.Length];
        List<int> order = [];
        while (order.Count < Math.Min(MostDiverse, weights.Length))
        {
            cancel.ThrowIfCancellationRequested();
            int best = Enumerable
                .Range(0, weights.Length)
                .Where(i => !isTaken[i])
                .MaxBy(i => weights[i] * distances[i]);
            isTaken[best] = true;
            order.Add(best);
            Parallel.For(0, distances.Length, i =>
                distances[i] = Math.Min(distances[i], 1 - TensorPrimitives.Dot(features(best), features(i)))
            );
        }

        return
        [
            .. order,
            .. Enumerable.Range(0, weights.Length).Where(i => !isTaken[i]).OrderByDescending(i => weights[i]),
        ];
    }
}

/// <summary>The features of an image as a vector of length 1.</summary>
/// <param name="index">Index of the image.</param>
internal delegate ReadOnlySpan<float> FeatureRow(int index);
