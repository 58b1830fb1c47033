using System.Buffers.Binary;
using Graft.Infrastructure;
using NetVips;

namespace Graft.Imaging;

/// <summary>Explains why libvips refused an image, from the image's own bytes and libvips's words.</summary>
internal static class ImageDamage
{
    private const int LongestReason = 200;

    // What libvips and its libraries say of a healthy file that this build does not read.
    private static readonly string[] s_unsupported =
    [
        "not supported",
        "unsupported",
        "not configured",
        "not implemented",
        "unimplemented",
        "no codec",
        "bad labq", // CIELab in a TIFF
    ];

    // libheif reads past the end of a file that is cut
    private static readonly string[] s_pastEnd = ["End of file", "bad seek"];

    /// <summary>The exception for an image that libvips refused.</summary>
    /// <param name="name">Name of the image in the message.</param>
    /// <param name="format">Format of the image.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="error">What libvips threw for this image and no other; null where nobody knows.</param>
    public static ImageException Describe(
        string name,
        ImageFormat format,
        ReadOnlySpan<byte> bytes,
        VipsException? error
    )
    {
        if (error is null)
        {
            return IsWhole(format, bytes)
                ? new(name, "libvips cannot decode it; the reason is not known, because other images were decoded")
                : EndsEarly(name, format);
        }

        string reason = Reason(error);
        if (format == ImageFormat.Avif && s_pastEnd.Any(reason.Contains))
        {
            return EndsEarly(name, format, error);
        }

        // damage puts markers of any number into a JPEG
        bool isUnsupported =
            !reason.Contains("marker type", StringComparison.Ordinal)
            && s_unsupported.Any(words => reason.Contains(words, StringComparison.OrdinalIgnoreCase));
        return isUnsupported
            ? new(name, $"libvips: {reason}; convert it to PNG or JPEG", error)
            {
                Fault = ImageFault.UnsupportedFormat,
            }
            : IsWhole(format, bytes)
                ? new(name, $"libvips: {reason}", error)
                : EndsEarly(name, format, error);
    }

    /// <summary>The exception for a file whose last rows are missing.</summary>
    public static ImageException EndsEarly(string name, ImageFormat format, Exception? inner = null) =>
        new(name, $"the {Name(format)} file ends before its last row", inner) { Fault = ImageFault.Truncated };

    /// <summary>False where the bytes themselves show that the end is missing.</summary>
    public static bool IsWhole(ImageFormat format, ReadOnlySpan<byte> bytes) =>
        format switch
        {
            ImageFormat.Jpeg => JpegEnd.IsMarked(bytes),
            ImageFormat.Png => bytes.IndexOf("IEND"u8) >= 0,
            ImageFormat.Webp => bytes.Length >= BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L,
            ImageFormat.Gif => bytes[^1] == 0x3B,
            _ => true,
        };

    // "unable to call tiffload_buffer\ntiff2vips: ZSTD compression support is not configured\n": the last line is the
    // outermost, the first one after the call names the cause.
    private static string Reason(VipsException error)
    {
        string[] lines =
        [
            .. error
                .Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(line => !line.StartsWith("unable to ", StringComparison.OrdinalIgnoreCase)),
        ];
        if (lines.Length == 0)
        {
            return "it could not be decoded, and no reason was given";
        }

        string first = lines[0];
        int colon = first.IndexOf(": ", StringComparison.Ordinal);
        bool isPlace = colon > 0 && !first[..colon].Contains(' ', StringComparison.Ordinal);
        return Printable.Text((isPlace ? first[(colon + 2)..] : first).TrimEnd('.'), LongestReason);
    }

    private static string Name(ImageFormat format) =>
        format switch
        {
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.Png => "PNG",
            ImageFormat.Webp => "WebP",
            ImageFormat.Tiff => "TIFF",
            ImageFormat.Pnm => "PNM",
            ImageFormat.Avif => "AVIF",
            _ => "GIF",
        };
}
