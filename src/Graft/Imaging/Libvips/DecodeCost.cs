using NetVips;

namespace Graft.Imaging;

/// <summary>Estimates from the header how much memory and time decoding takes.</summary>
internal static class DecodeCost
{
    private const int ManyScans = 100; // a progressive JPEG has about ten
    private const double PixelsPerSecond = 20e6; // of one scan, on a slow processor

    /// <summary>
    /// Refuses an image that needs more memory than the limit, or a JPEG of so many scans that it takes too long.
    /// </summary>
    public static void Check(
        Image header,
        ImageFormat format,
        ReadOnlySpan<byte> bytes,
        string name,
        DecodeLimits limits
    )
    {
        long pixels = (long)header.Width * header.Height;
        int sampleBytes = header.Format == Enums.BandFormat.Ushort ? 2 : 1;
        // the decoder's own copy at worst, and the result of 3 bytes a pixel
        long memory = pixels * ((header.Bands * sampleBytes) + 3);
        Check(memory, name, limits);
        int scans = format == ImageFormat.Jpeg ? bytes.Count([(byte)0xFF, (byte)0xDA]) : 1;
        double seconds = scans * pixels / PixelsPerSecond;
        if (scans > ManyScans && seconds > limits.Time.TotalSeconds)
        {
            throw OverLimit(
                name,
                $"a JPEG in {scans:N0} scans, which takes some {seconds:N0} s to decode, "
                    + $"and {limits.Time.TotalSeconds:N0} are the limit; save it anew"
            );
        }
    }

    /// <summary>Refuses an image that needs more memory than the limit.</summary>
    /// <param name="memory">What decoding takes, in bytes.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="limits">The limits.</param>
    public static void Check(long memory, string name, DecodeLimits limits)
    {
        if (memory > limits.Memory)
        {
            throw OverLimit(
                name,
                $"decoding it takes {memory >> 20:N0} MiB of memory, and {limits.Memory >> 20:N0} are the limit; "
                    + "make it smaller"
            );
        }
    }

    private static ImageException OverLimit(string name, string reason) =>
        new(name, reason) { Fault = ImageFault.OverLimit };
}
