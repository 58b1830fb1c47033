namespace Graft.Imaging;

/// <summary>
/// Limits on one image. They are checked against the file's size and header, before memory for pixels is reserved.
/// </summary>
public sealed record DecodeLimits
{
    /// <summary>
    /// Largest file in bytes. The default, 128 MiB, exceeds any JPEG of a 100-megapixel camera.
    /// </summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>
    /// Most pixels of one image. The default, 105 million, admits a 100-megapixel camera (11,648 x 8,736), whose
    /// decoding takes about 300 MB.
    /// </summary>
    public long Pixels { get; init; } = 105_000_000;

    /// <summary>Longest side in pixels. The default, 30,000, admits panoramas and refuses absurd headers.</summary>
    public int Side { get; init; } = 30_000;

    /// <summary>Most bytes of memory for decoding one image, estimated from its header. The default is 1 GiB.</summary>
    public long Memory { get; init; } = 1L << 30;

    /// <summary>
    /// Longest time for decoding one image. It is checked every few rows; for a JPEG of many scans it is estimated in
    /// advance. The default is 30 seconds.
    /// </summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);
}
