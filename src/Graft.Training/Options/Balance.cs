namespace Graft.Training;

/// <summary>
/// Compensation for classes of different sizes, so that a small class is learnt as well as a large one.
/// </summary>
public enum Balance
{
    /// <summary>None: every image counts the same, so the model rarely answers a rare class.</summary>
    None,

    /// <summary>
    /// Every class has the same weight in the losses of the probe and of fine-tuning. An image of a rare class counts
    /// more.
    /// </summary>
    Weights,

    /// <summary>
    /// Every class has the same number of places in an epoch. Images of a rare class occur several times, each time in
    /// another random view (with fresh views, in the view of the epoch). The probe has no epochs and uses weights.
    /// </summary>
    Sampling,
}

/// <summary>Chooses a <see cref="Balance"/> from the sizes of the classes.</summary>
internal static class ClassBalance
{
    /// <summary>
    /// Weights are the default above this ratio of the largest class to the smallest. Measured: above it they raise the
    /// recall of small classes at no cost (docs/results.md, "Skewed data").
    /// </summary>
    public const double SkewedFrom = 2;

    /// <param name="asked">The option; null: chosen from the sizes.</param>
    /// <param name="classes">Name and number of training images of each class; all numbers are above 0.</param>
    /// <returns>The choice, and a notice where it was made automatically and is not None.</returns>
    public static (Balance Kind, string? Notice) Choose(Balance? asked, IReadOnlyList<(string Name, int Count)> classes)
    {
        (string Name, int Count) smallest = classes.MinBy(one => one.Count);
        (string Name, int Count) largest = classes.MaxBy(one => one.Count);
        if (asked is Balance given)
        {
            return (given, null);
        }

        return largest.Count > SkewedFrom * smallest.Count
            ? (
                Balance.Weights,
                $"The class '{smallest.Name}' has {smallest.Count:N0} images and '{largest.Name}' {largest.Count:N0}: "
                    + "every class has the same weight in the loss; balance 'none' counts every image the same."
            )
            : (Balance.None, null);
    }
}
