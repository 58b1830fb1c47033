using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>
/// Ranges from which random views are drawn: a crop of random size, shape and position, and a horizontal flip. The
/// procedure is torchvision's RandomResizedCrop.
/// </summary>
public sealed record Augmentation
{
    private const uint CropAttempts = 10;

    /// <summary>
    /// Smallest share of the image's area that a crop shows, 0.05 to 1. At least 0.8 is used where the plain view shows
    /// the whole image (<see cref="ResizeRule.Pad"/>, <see cref="ResizeRule.Squash"/>): its object may lie at an end.
    /// </summary>
    public double SmallestScale { get; init; } = 0.35;

    /// <summary>Largest share of the image's area that a crop shows, <see cref="SmallestScale"/> to 1.</summary>
    public double LargestScale { get; init; } = 1;

    /// <summary>
    /// Smallest ratio of a crop's width to its height, 0.5 to 1. The largest ratio is its reciprocal.
    /// </summary>
    public double NarrowestRatio { get; init; } = 3.0 / 4.0;

    /// <summary>
    /// Whether half of the views are mirrored left to right. Switch it off where left and right matter, as in text.
    /// </summary>
    public bool Flip { get; init; } = true;

    /// <summary>Returns this augmentation after checking every value.</summary>
    /// <exception cref="GraftException">A value is out of its range; the message lists all of them.</exception>
    public Augmentation Checked()
    {
        List<string> problems = [];
        if (!(SmallestScale is >= 0.05 and <= 1))
        {
            problems.Add($"the smallest scale {SmallestScale} is outside 0.05 to 1");
        }

        if (!(LargestScale >= SmallestScale && LargestScale <= 1))
        {
            problems.Add($"the largest scale {LargestScale} is outside {SmallestScale} to 1");
        }

        if (!(NarrowestRatio is >= 0.5 and <= 1))
        {
            problems.Add($"the narrowest ratio {NarrowestRatio} is outside 0.5 to 1");
        }

        return problems.Count == 0
            ? this
            : throw new GraftException(
                $"'augmentation' cannot be used: {string.Join("; ", problems)}; correct the options"
            );
    }

    /// <summary>Draws the crop of one random view, in pixels of the upright image.</summary>
    /// <param name="width">Width of the upright image in pixels.</param>
    /// <param name="height">Height of the upright image in pixels.</param>
    /// <param name="image">Key of the image: the first 8 bytes of its content's SHA-256.</param>
    /// <param name="view">A random view, not the plain one.</param>
    internal CropWindow Draw(int width, int height, ulong image, ImageView view)
    {
        CountedRandom random = new(view.Seed, RandomPurpose.View, image: image, view: view.Number);
        bool isMirrored = random.Uniform(0) < 0.5 && Flip;
        double logRatio = Math.Log(NarrowestRatio);
        for (uint attempt = 0; attempt < CropAttempts; attempt++)
        {
            uint draw = 1 + (4 * attempt);
            double area =
                (double)width * height * (SmallestScale + (random.Uniform(draw) * (LargestScale - SmallestScale)));
            // log-uniform: a ratio of 3/4 is as likely as 4/3
            double ratio = Math.Exp(logRatio * ((2 * random.Uniform(draw + 1)) - 1));
            int cropWidth = (int)Math.Round(Math.Sqrt(area * ratio));
            int cropHeight = (int)Math.Round(Math.Sqrt(area / ratio));
            if (cropWidth >= 1 && cropWidth <= width && cropHeight >= 1 && cropHeight <= height)
            {
                int left = random.Below(width - cropWidth + 1, draw + 2);
                int top = random.Below(height - cropHeight + 1, draw + 3);
                return new(left, top, cropWidth, cropHeight, isMirrored);
            }
        }

        return Fallback(width, height, isMirrored);
    }

    /// <summary>
    /// Shortest side in pixels that <see cref="Draw"/> returns for an image of this size. It limits how far the image
    /// may be shrunk while it is decoded.
    /// </summary>
    internal double ShortestCropSide(int width, int height) =>
        Math.Min(Math.Sqrt(SmallestScale * width * height * NarrowestRatio), Math.Min(width, height));

    // Very long images have no crop of the drawn area. They get the centre, as close to the allowed ratios as possible.
    private CropWindow Fallback(int width, int height, bool isMirrored)
    {
        int cropWidth = Math.Max(1, (int)Math.Min(width, Math.Round(height / NarrowestRatio)));
        int cropHeight = Math.Max(1, (int)Math.Min(height, Math.Round(width / NarrowestRatio)));
        return new((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight, isMirrored);
    }
}

/// <summary>Part of an upright image, in original pixels.</summary>
internal readonly record struct CropWindow(int Left, int Top, int Width, int Height, bool IsMirrored);
