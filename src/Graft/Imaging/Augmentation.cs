using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>How random views differ from the plain one: a crop of random size, shape and place, and a flip.</summary>
public sealed record Augmentation
{
    private const uint PlacesTried = 10; // as torchvision's RandomResizedCrop

    /// <summary>The smallest share of the image's area that a crop shows. 0.05 to 1.</summary>
    public double SmallestScale { get; init; } = 0.35;

    /// <summary>The largest share. <see cref="SmallestScale"/> to 1.</summary>
    public double LargestScale { get; init; } = 1;

    /// <summary>The narrowest crop, width by height; 0.5 to 1. The widest is 1 divided by it.</summary>
    public double NarrowestRatio { get; init; } = 3.0 / 4.0;

    /// <summary>
    /// Whether half of the views are mirrored left to right. Off where left and right mean something, as in text.
    /// </summary>
    public bool Flip { get; init; } = true;

    /// <summary>Returns this, or throws with all that is wrong in it.</summary>
    /// <exception cref="GraftException">A value is out of its range.</exception>
    public Augmentation Checked()
    {
        List<string> wrong = [];
        if (!(SmallestScale is >= 0.05 and <= 1))
        {
            wrong.Add($"the smallest scale {SmallestScale} is outside 0.05 to 1");
        }

        if (!(LargestScale >= SmallestScale && LargestScale <= 1))
        {
            wrong.Add($"the largest scale {LargestScale} is outside {SmallestScale} to 1");
        }

        if (!(NarrowestRatio is >= 0.5 and <= 1))
        {
            wrong.Add($"the narrowest ratio {NarrowestRatio} is outside 0.5 to 1");
        }

        return wrong.Count == 0
            ? this
            : throw new GraftException(
                $"'augmentation' cannot be used: {string.Join("; ", wrong)}; correct the options"
            );
    }

    /// <summary>The crop of one view, in the pixels of the upright image.</summary>
    /// <param name="width">Of the upright image.</param>
    /// <param name="height">Of the upright image.</param>
    /// <param name="image">The image's key: the first 8 bytes of its content's SHA-256.</param>
    /// <param name="view">Not the plain one.</param>
    internal CropWindow Draw(int width, int height, ulong image, ImageView view)
    {
        CountedRandom random = new(view.Seed, RandomPurpose.View, image: image, view: view.Number);
        bool isMirrored = random.Uniform(0) < 0.5 && Flip;
        double logRatio = Math.Log(NarrowestRatio);
        for (uint attempt = 0; attempt < PlacesTried; attempt++)
        {
            uint draw = 1 + (4 * attempt);
            double area =
                (double)width * height * (SmallestScale + (random.Uniform(draw) * (LargestScale - SmallestScale)));
            // log-uniform: 3/4 as likely as 4/3
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
    /// The shortest side that <see cref="Draw"/> gives for such an image, in pixels; what decoding must keep enough of.
    /// </summary>
    internal double ShortestCropSide(int width, int height) =>
        Math.Min(Math.Sqrt(SmallestScale * width * height * NarrowestRatio), Math.Min(width, height));

    // Very long images have no crop of that area: the middle, as near to the allowed shapes as it goes.
    private CropWindow Fallback(int width, int height, bool isMirrored)
    {
        int cropWidth = Math.Max(1, (int)Math.Min(width, Math.Round(height / NarrowestRatio)));
        int cropHeight = Math.Max(1, (int)Math.Min(height, Math.Round(width / NarrowestRatio)));
        return new((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight, isMirrored);
    }
}

/// <summary>A part of an upright image, in its original pixels.</summary>
internal readonly record struct CropWindow(int Left, int Top, int Width, int Height, bool IsMirrored);
