using Graft.Imaging;
using NetVips;

namespace Graft.Training.Release;

/// <summary>Makes small JPEGs for HTML pages.</summary>
internal static class Thumbnail
{
    private const int Side = 160;

    /// <summary>A JPEG of at most 160 x 160 pixels in base 64; null if the image cannot be decoded.</summary>
    public static string? Of(LabelledImage image, DecodeLimits limits)
    {
        try
        {
            using DecodedImage decoded = ImageDecoder.Decode(
                image.ReadBytes(limits),
                image.Name,
                limits,
                (width, height) => Math.Max(1, Math.Max(width, height) / Side)
            );
            using Image whole = Image.NewFromMemoryCopy(
                decoded.Pixels,
                decoded.Width,
                decoded.Height,
                3,
                Enums.BandFormat.Uchar
            );
            using Image named = whole.Copy(interpretation: Enums.Interpretation.Srgb);
            using Image small = named.ThumbnailImage(Side, height: Side, size: Enums.Size.Down);
            return Convert.ToBase64String(small.JpegsaveBuffer(q: 80));
        }
        catch (Exception error) when (error is ImageException or VipsException)
        {
            return null;
        }
    }
}
