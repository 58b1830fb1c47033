namespace Graft.Training;

/// <summary>What is done so that a class of few images is learnt as well as one of many.</summary>
public enum Balance
{
    /// <summary>Nothing: every image counts the same, and a rare class is answered rarely.</summary>
    None,

    /// <summary>
    /// Every class weighs the same in the loss, of the probe and of fine-tuning: an image of a rare class counts more.
    /// </summary>
    Weights,

    /// <summary>
    /// Every class has as many places in an epoch: images of a rare class come several times, each time in a view drawn
    /// anew (with fresh views, in that of the epoch). The probe, which knows no epochs, takes weights.
    /// </summary>
    Sampling,
}

/// <summary>Chooses a <see cref="Balance"/> by the sizes of the classes.</summary>
internal static class ClassBalance
{
    /// <summary>
    /// Beyond this ratio of the largest class to the smallest, weights are the default. Measured: from there on they
    /// find more of the small classes and cost nothing (docs/results.md, "Skewed data").
    /// </summary>
    public const double SkewedFrom = 2;

    /// <param name="asked">Null: by the sizes.</param>
    /// <param name="classes">Each class's name and number of images to learn from, all above 0.</param>
    /// <returns>What is done, and a line about it where nobody asked for it.</returns>
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
                $"The class '{smallest.Name}' has {smallest.Count:N0} images and '{largest.Name}' {largest.Count:N0}: every class weighs the same in the loss; --balance none counts every image the same."
            )
            : (Balance.None, null);
    }
}
