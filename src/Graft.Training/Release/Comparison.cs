namespace Graft.Training;

/// <summary>An image that only one of two models classifies correctly.</summary>
/// <param name="Image">The image with its label.</param>
/// <param name="FirstAnswer">The first model's class. Untrusted text.</param>
/// <param name="SecondAnswer">The second model's class. Untrusted text.</param>
public sealed record FlippedImage(LabelledImage Image, string FirstAnswer, string SecondAnswer);

/// <summary>Two models on the same images, compared by McNemar's exact test (Psychometrika 12, 1947).</summary>
/// <param name="First">The first model's evaluation.</param>
/// <param name="Second">The second model's evaluation.</param>
/// <param name="FirstOnly">Number of images that only the first model classifies correctly.</param>
/// <param name="SecondOnly">Number of images that only the second model classifies correctly.</param>
/// <param name="PValue">Probability of a difference at least as large between equally good models, two-sided.</param>
/// <param name="Flipped">The images that only one of the two classifies correctly, in the order of the images.</param>
public sealed record Comparison(
    Evaluation First,
    Evaluation Second,
    int FirstOnly,
    int SecondOnly,
    double PValue,
    IReadOnlyList<FlippedImage> Flipped
)
{
    /// <summary>The p-value below which a difference counts as shown.</summary>
    public const double Level = 0.05;

    /// <summary>
    /// Difference of the mean average precision, with its own test; null where each image has one label. The other
    /// members then compare images whose labels are all right.
    /// </summary>
    public PairedDifference? MeanAveragePrecisionDifference { get; init; }

    /// <summary>True if equally good models would differ as much in less than one of twenty comparisons.</summary>
    public bool IsDifference => PValue < Level;
}
