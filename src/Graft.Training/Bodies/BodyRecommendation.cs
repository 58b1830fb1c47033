namespace Graft.Training;

/// <summary>A named body and its speed on this machine.</summary>
/// <param name="Body">The body, with its published accuracy.</param>
/// <param name="TimeOfImage">Measured time of one image through the body, at the size of its pretraining.</param>
public sealed record BodyRecommendation(BodyInfo Body, TimeSpan TimeOfImage)
{
    /// <summary>Images a second, one at a time.</summary>
    public double ImagesPerSecond => 1 / TimeOfImage.TotalSeconds;
}
