namespace Graft.Training.Data;

/// <summary>Loss weights that make up for classes of different sizes.</summary>
internal static class ClassWeights
{
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
}
