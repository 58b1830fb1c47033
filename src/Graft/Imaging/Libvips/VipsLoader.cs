using NetVips;

namespace Graft.Imaging;

/// <summary>Opens encoded images with libvips's loader of their format.</summary>
internal static class VipsLoader
{
    /// <summary>Opens an image. Its pixels are read from the top to the bottom, once.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="format">Format of the file.</param>
    /// <param name="shrink">How far a JPEG is shrunk while it is decoded: 1, 2, 4 or 8.</param>
    public static Image Load(byte[] bytes, ImageFormat format, int shrink)
    {
        const Enums.Access Streamed = Enums.Access.Sequential;
        // Refuses truncation and errors, but not a camera's harmless slips, of which libvips only warns.
        const Enums.FailOn Damage = Enums.FailOn.Error;
        return format switch
        {
            ImageFormat.Jpeg => Image.JpegloadBuffer(bytes, shrink: shrink, access: Streamed, failOn: Damage),
            ImageFormat.Png => Image.PngloadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Webp => Image.WebploadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Tiff => Image.TiffloadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Gif => Image.GifloadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Avif => Image.HeifloadBuffer(bytes, access: Streamed, failOn: Damage),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    /// <summary>The largest step of libjpeg's shrinking that is not above a factor.</summary>
    public static int JpegShrink(int shrink) =>
        shrink switch
        {
            >= 8 => 8,
            >= 4 => 4,
            >= 2 => 2,
            _ => 1,
        };

    /// <summary>
    /// Checks that a JPEG without an end marker has all its blocks. The decoder fills missing ones and only warns, and
    /// libvips does not look at warnings of the last blocks. What follows a scan changes the picture only if blocks are
    /// missing.
    /// </summary>
    /// <exception cref="ImageException">Blocks are missing, or it takes too long to tell.</exception>
    /// <exception cref="VipsException">Blocks are missing.</exception>
    public static void CheckAllBlocks(byte[] jpeg, string name, DecodeLimits limits)
    {
        double[] sums = Sums(JpegEnd.Close(jpeg), Enums.FailOn.Warning, name, limits);
        foreach (byte filling in (byte[])[0x55, 0xAA, 0x33, 0xE4])
        {
            if (!Sums(JpegEnd.Close(jpeg, filling), Enums.FailOn.None, name, limits).AsSpan().SequenceEqual(sums))
            {
                throw ImageDamage.EndsEarly(name, ImageFormat.Jpeg);
            }
        }
    }

    // sums and sums of squares of all pixels
    private static double[] Sums(byte[] jpeg, Enums.FailOn failOn, string name, DecodeLimits limits)
    {
        using Image image = Image.JpegloadBuffer(jpeg, access: Enums.Access.Sequential, failOn: failOn);
        using DecodeTimeout timeout = new(image, name, limits);
        using Image sums = timeout.Run(image.Stats);
        return sums.WriteToMemory<double>();
    }
}
