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
    };

    private static readonly HashSet<string> s_known = new(StringComparer.OrdinalIgnoreCase);

    static ImageFormats()
    {
        Read = [.. s_extensions.Keys];
        ReadExtensions = [.. s_extensions.Values.SelectMany(extensions => extensions)];
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
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
        ".svg",
        ".tga",
        ".ico",
        ".pam",
        ".pfm",
        ".dcm",
        ".exr",
        ".psd",
    ];

    /// <summary>The names of the formats that Graft reads, for a sentence: "JPEG, PNG … or PNM".</summary>
    public static string Names => "JPEG, PNG, WebP, BMP, TIFF, GIF or PNM";

    /// <summary>The extensions of a format, in lower case with their point; empty for an unknown format.</summary>
    /// <param name="format">The format.</param>
    public static IReadOnlyList<string> ExtensionsOf(ImageFormat format) => s_extensions.GetValueOrDefault(format, []);

    /// <summary>Whether a file has the extension of an image, whether Graft reads its format or not.</summary>
    /// <param name="path">Name or path of the file.</param>
    public static bool HasImageExtension(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return s_known.Contains(Path.GetExtension(path));
    }
}
