namespace Graft.Imaging;

/// <summary>The kinds of image that are read.</summary>
public enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Webp,
    Bmp,
    Tiff,
    Gif,
}

/// <summary>Tells an image's format from its first bytes; its name is not trusted.</summary>
public static class ImageSignature
{
    /// <summary>How many bytes <see cref="Detect"/> and <see cref="Explain"/> look at.</summary>
    public const int Length = 32;

    private const string Supported = "JPEG, PNG, WebP, BMP, TIFF or GIF";

    public static ImageFormat Detect(ReadOnlySpan<byte> start) =>
        start switch
        {
            [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                ImageFormat.Webp,
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
            // "BM" begins many a text too: the header's size, at 14, must be one that exists
            [
                (byte)'B',
                (byte)'M',
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                12
                or 40
                or 52
                or 56
                or 64
                or 108
                or 124,
                0,
                0,
                0,
                ..,
            ] => ImageFormat.Bmp,
            _ => ImageFormat.Unknown,
        };

    /// <summary>Why a file of unknown format cannot be used, with the way out.</summary>
    /// <param name="name">What the message calls it.</param>
    /// <param name="start">Its first bytes.</param>
    public static ImageException Explain(string name, ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            return new(name, "0 bytes long; delete it or list it in ignore.txt") { Fault = ImageFault.Empty };
        }

        string? known = start switch
        {
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', ..] => "AVIF",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'h' or (byte)'m', ..] => "HEIC",
            [0xFF, 0x0A, ..] or [0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', ..] => "JPEG XL",
            [0, 0, 0, 0x0C, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document",
            _ => null,
        };
        return known is null
            ? new(
                name,
                $"not an image: its first bytes are not those of {Supported}; delete it or list it in ignore.txt"
            )
            {
                Fault = ImageFault.NotAnImage,
            }
            : new(name, $"it is {known}, which is not read; convert it to {Supported}, or list it in ignore.txt")
            {
                Fault = ImageFault.UnsupportedFormat,
            };
    }
}
