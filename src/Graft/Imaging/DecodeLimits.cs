namespace Graft.Imaging;

/// <summary>
/// What an image may cost before it is refused; checked from its size and header, before memory is reserved for its
/// pixels.
/// </summary>
public sealed record DecodeLimits
{
    /// <summary>The largest file, in bytes. 128 MiB: larger than any JPEG of a 100-megapixel camera.</summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>
    /// The most pixels of one image. 105 million: a 100-megapixel camera's (11,648 x 8,736), some 300 MB a decoder
    /// while it is read.
    /// </summary>
    public long Pixels { get; init; } = 105_000_000;

    /// <summary>The longest side, in pixels. 30,000: panoramas pass, absurd headers do not.</summary>
    public int Side { get; init; } = 30_000;

    /// <summary>
    /// The most bytes that one image may take in memory while it is decoded, estimated from its header. 1 GiB.
    /// </summary>
    public long Memory { get; init; } = 1L << 30;

    /// <summary>
    /// The most time that decoding one image may take; looked at after every few rows, and for a JPEG in many scans
    /// estimated before. 30 seconds.
    /// </summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);
}
