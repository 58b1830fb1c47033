namespace Graft.Imaging;

/// <summary>The formats that Graft reads, and the file extensions of images.</summary>
/// <remarks>
/// The first bytes of a file decide its format (<see cref="ImageSignature"/>). An extension only says what the file is
/// meant to be.
/// </remarks>
public static class ImageFormats
{
    private static readonly OrderedDictionary<ImageFormat, IReadOnlyList<string>> s_extensions = new()
    {
        [ImageFormat.Jpeg] = [".jpg", ".jpeg", ".jpe", ".jfif"],
        [ImageFormat.Png] = [".png"],
        [ImageFormat.Webp] = [".webp"],
        [ImageFormat.Bmp] = [".bmp", ".dib"],
        [ImageFormat.Tiff] = [".tif", ".tiff"],
        [ImageFormat.Gif] = [".gif"],
        [ImageFormat.Pnm] = [".pnm", ".ppm", ".pgm", ".pbm"],
        [ImageFormat.Avif] = [".avif"],
    };

    // What telephones and converters write instead of JPEG. The other unread formats are drawings and originals, beside
    // which a JPEG often lies.
    private static readonly string[] s_photographs =
    [
        ".heic",
        ".heif",
        ".hif",
        ".jxl",
        ".jp2",
        ".j2k",
        ".jpx",
    ];

    private static readonly HashSet<string> s_meant = new(StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> s_known = new(StringComparer.OrdinalIgnoreCase);

    static ImageFormats()
    {
        Read = [.. s_extensions.Keys];
        ReadExtensions = [.. s_extensions.Values.SelectMany(extensions => extensions)];
        s_meant.UnionWith(ReadExtensions);
        s_meant.UnionWith(s_photographs);
        s_known.UnionWith(ReadExtensions);
        s_known.UnionWith(UnreadExtensions);
    }

    /// <summary>The formats that Graft reads.</summary>
    public static IReadOnlyList<ImageFormat> Read { get; }

    /// <summary>The extensions of the formats that Graft reads, in lower case with their point: ".jpg".</summary>
    public static IReadOnlyList<string> ReadExtensions { get; }

    /// <summary>The extensions of image formats that Graft does not read, in lower case with their point.</summary>
    public static IReadOnlyList<string> UnreadExtensions { get; } =
    [
        .. s_photographs,
        ".svg",
        ".tga",
        ".ico",
        ".pam",
        ".pfm",
        ".dcm",
        ".exr",
        ".psd",
        ".pcx",
        ".hdr",
        ".dicom",
        ".arw",
        ".cr2",
        ".cr3",
        ".dng",
        ".nef",
        ".orf",
        ".raf",
        ".rw2",
    ];

    /// <summary>The names of the formats that Graft reads, for a sentence: "JPEG, PNG … or PNM".</summary>
    public static string Names => "JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF or PNM";

    /// <summary>The extensions of a format, in lower case with their point; empty for an unknown format.</summary>
    /// <param name="format">The format.</param>
    public static IReadOnlyList<string> ExtensionsOf(ImageFormat format) => s_extensions.GetValueOrDefault(format, []);

    /// <summary>
    /// Whether a file has an extension of images that are meant to be learnt from. If such a file cannot be read, it is
    /// reported by its name.
    /// </summary>
    /// <param name="path">Name or path of the file.</param>
    public static bool IsMeant(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return s_meant.Contains(Path.GetExtension(path));
    }

    /// <summary>Whether a file has the extension of an image, whether Graft reads its format or not.</summary>
    /// <param name="path">Name or path of the file.</param>
    public static bool HasImageExtension(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return s_known.Contains(Path.GetExtension(path));
    }
}
