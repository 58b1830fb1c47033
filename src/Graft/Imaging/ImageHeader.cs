using NetVips;

namespace Graft.Imaging;

/// <summary>Properties that an image file declares in its header, other than its size.</summary>
/// <param name="Format">Format that the first bytes show.</param>
/// <param name="IsGrey">Whether the image has one channel, not counting transparency.</param>
/// <param name="IsCmyk">Whether the colours are CMYK, for printing.</param>
/// <param name="IsDeep">Whether a sample has 16 bits.</param>
/// <param name="Frames">Number of frames or pages, at least 1. Only the first is used.</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 is upright.</param>
public sealed record ImageHeader(ImageFormat Format, bool IsGrey, bool IsCmyk, bool IsDeep, int Frames, int Orientation)
{
    /// <summary>The <see cref="Orientation"/> of an image that needs no rotation.</summary>
    public const int Upright = 1;

    /// <summary>Whether a JPEG lacks only the marker at its end. All its pixels are there.</summary>
    public bool LacksEndMarker { get; init; }

    /// <summary>
    /// Whether a TIFF has bands that are neither colours nor opacity, such as near infrared. They are dropped.
    /// </summary>
    public bool HasOtherBands { get; init; }

    /// <summary>What a user should know about an image that is used all the same; null if there is nothing.</summary>
    internal string? Note =>
        LacksEndMarker ? "the JPEG file lacks its end marker; all its pixels are there"
        : HasOtherBands ? "its bands that are neither colours nor opacity are not used"
        : null;

    /// <summary>Header of every BMP file: the format declares none of these properties.</summary>
    internal static ImageHeader Bmp { get; } = new(ImageFormat.Bmp, false, false, false, 1, Upright);

    /// <summary>Reads the fields that libvips found in the header.</summary>
    /// <param name="image">The opened image.</param>
    /// <param name="format">Format of the file.</param>
    /// <param name="bytes">The whole file.</param>
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

    // libvips shows the first frame of an animated PNG without saying so. The chunk "acTL" precedes the pixels.
    private static bool IsAnimatedPng(ReadOnlySpan<byte> bytes)
    {
        int pixels = bytes.IndexOf("IDAT"u8);
        return bytes[..Math.Max(0, pixels)].IndexOf("acTL"u8) >= 0;
    }
}
