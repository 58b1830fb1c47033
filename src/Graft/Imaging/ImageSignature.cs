using System.Buffers.Binary;
using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>Tells an image's format from its first bytes. File names are not trusted.</summary>
public static class ImageSignature
{
    /// <summary>Number of first bytes that decide the format.</summary>
    public const int Length = 256;

    /// <summary>Returns the format of an image.</summary>
    /// <param name="start">First <see cref="Length"/> bytes, or all bytes of a shorter file.</param>
    public static ImageFormat Detect(ReadOnlySpan<byte> start) =>
        start switch
        {
            [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                ImageFormat.Webp,
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
            [(byte)'B', (byte)'M', ..] when HasBmpHeader(start) => ImageFormat.Bmp,
            [(byte)'P', >= (byte)'1' and <= (byte)'6', byte next, ..] when IsSpace(next) && HasNumber(start[2..]) =>
                ImageFormat.Pnm,
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] when IsAvif(start) => ImageFormat.Avif,
            _ => ImageFormat.Unknown,
        };

    /// <summary>Explains why a file of unknown format cannot be used.</summary>
    /// <param name="name">Name of the file in the message.</param>
    /// <param name="start">First <see cref="Length"/> bytes, or all bytes of a shorter file.</param>
    /// <returns>An exception for the caller to throw or to record.</returns>
    public static ImageException Explain(string name, ReadOnlySpan<byte> start)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (start.IsEmpty)
        {
            return new(name, "0 bytes long") { Fault = ImageFault.Empty };
        }

        if (StandIn(start) is string standIn)
        {
            return new(name, standIn) { Fault = ImageFault.NotAnImage };
        }

        return UnsupportedFormat(start) is string known
            ? new(name, $"it is {known}, which is not read; convert it to {ImageFormats.Names}")
            {
                Fault = ImageFault.UnsupportedFormat,
            }
            : new(name, $"not an image: its first bytes are not those of {ImageFormats.Names}")
            {
                Fault = ImageFault.NotAnImage,
            };
    }

    // Many texts begin with "BM" too: the size of the second header, at byte 14, must be one that exists.
    private static bool HasBmpHeader(ReadOnlySpan<byte> start) =>
        start.Length >= 18
        && BinaryPrimitives.ReadUInt32LittleEndian(start[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124;

    // "P5 of 7 pages" is a text: a width follows the signature, or a comment.
    private static bool HasNumber(ReadOnlySpan<byte> rest) =>
        rest.TrimStart(" \t\r\n"u8) is [(byte)'#' or (>= (byte)'0' and <= (byte)'9'), ..];

    // What lies in an image's place while the image itself is elsewhere.
    private static string? StandIn(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart("\uFEFF \t\r\n"u8);
        return FileKind.IsGitLfsPointer(start)
                ? "it is a Git LFS pointer, not the image; fetch the images with git lfs pull"
            : text.StartsWith("/annex/objects/"u8)
                ? "it is a git-annex pointer, not the image; fetch the images with git annex get"
            : FileKind.IsWebPage(start)
                ? "it is a web page, not the image; download the image again"
            : null;
    }

    private static string? UnsupportedFormat(ReadOnlySpan<byte> start) =>
        start switch
        {
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'h' or (byte)'m', ..] => "HEIC",
            [0xFF, 0x0A, ..] or [0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', ..] => "JPEG XL",
            [0, 0, 0, 0x0C, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document",
            [(byte)'P', (byte)'7', byte next, ..] when IsSpace(next) => "PAM",
            [(byte)'P', (byte)'F' or (byte)'f', byte next, ..] when IsSpace(next) => "PFM",
            [0, 0, 1, 0, _, 0, ..] => "a Windows icon",
            [0x76, 0x2F, 0x31, 0x01, ..] => "OpenEXR",
            _ when start.Length >= 132 && start.Slice(128, 4).SequenceEqual("DICM"u8) => "DICOM",
            _ when IsSvg(start) => "SVG",
            _ => null,
        };

    // One of the brands in the first box (ISO/IEC 14496-12, section 4.3): the major one, its version, compatible ones.
    private static bool IsAvif(ReadOnlySpan<byte> start)
    {
        int end = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(start), start.Length);
        for (int at = 8; at + 4 <= end; at += 4)
        {
            if (at != 12 && (start[at..].StartsWith("avif"u8) || start[at..].StartsWith("avis"u8)))
            {
                return true;
            }
        }

        return false;
    }

    // "#" begins a comment
    private static bool IsSpace(byte value) => " \t\r\n#"u8.Contains(value);

    // An XML declaration, comments and a document type may come before the element.
    private static bool IsSvg(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart("\uFEFF \t\r\n"u8);
        return text.StartsWith("<svg"u8)
            || ((text.StartsWith("<?xml"u8) || text.StartsWith("<!"u8)) && text.IndexOf("<svg"u8) >= 0);
    }
}
