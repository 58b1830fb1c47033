namespace Graft.Imaging;

/// <summary>File formats of images that Graft reads.</summary>
public enum ImageFormat
{
    /// <summary>None of the formats that Graft reads.</summary>
    Unknown,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>WebP.</summary>
    Webp,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF, including BigTIFF.</summary>
    Tiff,

    /// <summary>GIF; the first frame is used.</summary>
    Gif,

    /// <summary>Netpbm's PBM, PGM and PPM, as text or binary.</summary>
    Pnm,

    /// <summary>AVIF. HEIC of the same container is not read.</summary>
    Avif,
}
