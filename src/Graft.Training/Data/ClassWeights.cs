using Graft.Training.Metrics;

namespace Graft.Training.Data;

/// <summary>Loss weights that make up for classes of different sizes.</summary>
internal static class ClassWeights
{
    private const double MostWeight = 100; // a handful of positives would move everything else

    /// <summary>
    /// One weight per image, [N], so that all classes have the same total weight. The weights sum to N, as with
    /// scikit-learn's <c>class_weight="balanced"</c>.
    /// </summary>
    /// <param name="labels">Class number of each image, [N].</param>
    /// <param name="classCount">Number of classes.</param>
    public static double[] Balanced(IReadOnlyList<int> labels, int classCount)
    {
        int[] counts = new int[classCount];
        foreach (int label in labels)
        {
            counts[label]++;
        }

        int present = counts.Count(count => count > 0);
        return [.. labels.Select(label => labels.Count / ((double)present * counts[label]))];
    }

    /// <summary>
    /// Factor of the loss of each class's positives, [C], so that the positives of all classes have the same total
    /// weight: that of the most frequent class. At most <see cref="MostWeight"/>.
    /// </summary>
    /// <param name="labels">The classes of the images.</param>
    public static double[] OfPositives(TrueLabels labels)
    {
        int[] positives = [.. Enumerable.Range(0, labels.ClassCount).Select(labels.PositivesOf)];
        return [.. positives.Select(count => Math.Min(MostWeight, positives.Max() / (double)Math.Max(1, count)))];
    }
}
