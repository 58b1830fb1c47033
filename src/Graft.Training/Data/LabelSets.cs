using Graft.Training.Metrics;

namespace Graft.Training.Data;

/// <summary>Which classes images have, whatever the task.</summary>
internal static class LabelSets
{
    /// <summary>The classes of images, any number each.</summary>
    /// <param name="images">The images, N.</param>
    /// <param name="numbers">Number of each class, 0 to C - 1.</param>
    /// <exception cref="KeyNotFoundException">An image has a label that is no class.</exception>
    public static TrueLabels Of(IReadOnlyList<LabelledImage> images, IReadOnlyDictionary<string, int> numbers)
    {
        byte[] sets = new byte[images.Count * numbers.Count];
        for (int image = 0; image < images.Count; image++)
        {
            foreach (string label in images[image].Labels)
            {
                sets[(image * numbers.Count) + numbers[label]] = 1;
            }
        }

        return TrueLabels.OfSets(sets, numbers.Count);
    }
}
