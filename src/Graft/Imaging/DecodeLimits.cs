namespace Graft.Imaging;

/// <summary>What an image may cost before it is refused; checked from its size and header, before memory is reserved for its pixels.</summary>
public sealed record DecodeLimits
{
    /// <summary>The largest file, in bytes. 128 MiB: larger than any JPEG of a 100-megapixel camera.</summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>The most pixels of one image. 105 million: a 100-megapixel camera's (11,648 x 8,736), some 300 MB a decoder while it is read.</summary>
    public long Pixels { get; init; } = 105_000_000;

    /// <summary>The longest side, in pixels. 30,000: panoramas pass, absurd headers do not.</summary>
    public int Side { get; init; } = 30_000;
}
