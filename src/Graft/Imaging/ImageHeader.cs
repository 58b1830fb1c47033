using NetVips;

namespace Graft.Imaging;

/// <summary>What an image file says of itself, beside its size.</summary>
/// <param name="IsGrey">One channel, transparency aside.</param>
/// <param name="IsCmyk">Colours for printing.</param>
/// <param name="IsDeep">16 bits a sample.</param>
/// <param name="Frames">Pictures in the file: of an animation, or pages. The first is used.</param>
/// <param name="Orientation">EXIF's, 1 to 8; 1 is upright.</param>
public sealed record ImageHeader(ImageFormat Format, bool IsGrey, bool IsCmyk, bool IsDeep, int Frames, int Orientation)
{
    public const int Upright = 1;

    /// <summary>BMP has no more to say.</summary>
    internal static ImageHeader Bmp { get; } = new(ImageFormat.Bmp, false, false, false, 1, Upright);

    /// <summary>Reads what libvips found in the header; <paramref name="bytes"/> are the whole file.</summary>
    internal static ImageHeader Of(Image image, ImageFormat format, ReadOnlySpan<byte> bytes) =>
        new(
            format,
            image.Bands <= 2,
            image.Interpretation == Enums.Interpretation.Cmyk,
            image.Format == Enums.BandFormat.Ushort,
            format == ImageFormat.Png && IsAnimatedPng(bytes) ? 2 : Math.Max(1, Number(image, "n-pages") ?? 1),
            Number(image, "orientation") is int orientation and >= 1 and <= 8 ? orientation : Upright
        );

    private static int? Number(Image image, string field) =>
        image.Contains(field) && image.Get(field) is int number ? number : null;

    // libvips shows an animated PNG's first frame and does not say so: the chunk "acTL" stands before the pixels.
    private static bool IsAnimatedPng(ReadOnlySpan<byte> bytes)
    {
        int pixels = bytes.IndexOf("IDAT"u8);
        return bytes[..Math.Max(0, pixels)].IndexOf("acTL"u8) >= 0;
    }
}
