using System.Buffers.Binary;

namespace Graft.Imaging;

/// <summary>Explains why libvips refused an image, from the image's own bytes.</summary>
internal static class ImageDamage
{
    private const string WayOut = "delete it or list it in ignore.txt";

    public static ImageException Describe(string path, ImageFormat format, ReadOnlySpan<byte> bytes, Exception inner)
    {
        string name = Name(format);
        bool isWhole = format switch
        {
            ImageFormat.Jpeg => JpegEnds(bytes),
            ImageFormat.Png => bytes.IndexOf("IEND"u8) >= 0,
            ImageFormat.Webp => bytes.Length >= BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L,
            ImageFormat.Gif => bytes[^1] == 0x3B,
            _ => true,
        };
        return isWhole
            ? new(path, $"{name} that libvips could not decode: it is damaged; {WayOut}", inner)
            : new(path, $"the {name} file ends before its last row; {WayOut}", inner) { Fault = ImageFault.Truncated };
    }

    private static string Name(ImageFormat format) =>
        format switch
        {
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.Png => "PNG",
            ImageFormat.Webp => "WebP",
            ImageFormat.Tiff => "TIFF",
            _ => "GIF",
        };

    // An end marker, FF D9, after the last start of scan. The end marker of an embedded preview precedes it.
    private static bool JpegEnds(ReadOnlySpan<byte> bytes)
    {
        int scan = bytes.LastIndexOf([(byte)0xFF, (byte)0xDA]);
        return scan >= 0 && bytes[scan..].IndexOf([(byte)0xFF, (byte)0xD9]) >= 0;
    }
}
