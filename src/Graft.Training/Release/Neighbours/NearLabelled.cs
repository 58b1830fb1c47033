using System.Globalization;

namespace Graft.Training.Release;

/// <summary>A training image that looks like a test image.</summary>
/// <param name="Image">The training image.</param>
/// <param name="Distance">One minus the cosine of the two images' features, 0 to 2.</param>
internal sealed record NearLabelled(LabelledImage Image, double Distance)
{
    /// <summary>Its labels in one line.</summary>
    public string LabelText => Image.Labels.Count == 0 ? "no label" : string.Join(", ", Image.Labels);

    /// <summary>Labels and distance.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{LabelText} ({Distance:0.00})");
}
