namespace Graft.Imaging;

/// <summary>The header of a Netpbm file.</summary>
/// <param name="Kind">The digit of its signature: 1 to 3 are text, 4 to 6 binary; bitmap, grey, colour.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Largest">The value of full brightness, 1 to 65,535.</param>
/// <param name="PixelOffset">Offset of the pixels in the file.</param>
internal readonly record struct PnmHeader(int Kind, int Width, int Height, int Largest, int PixelOffset)
{
    public bool IsText => Kind <= 3;

    public bool IsBitmap => Kind is 1 or 4;

    public int Channels => Kind is 3 or 6 ? 3 : 1;

    /// <summary>Bytes of a row of a binary file.</summary>
    public long RowBytes =>
        IsBitmap ? ((long)Width + 7) / 8 : (long)Width * Channels * (Largest > byte.MaxValue ? 2 : 1);

    /// <summary>Fewest bytes that the pixels take: as text a digit each, with a space between numbers.</summary>
    public long LeastBytes
    {
        get
        {
            long samples = (long)Width * Height * Channels;
            return !IsText ? RowBytes * Height
                : IsBitmap ? samples
                : (2 * samples) - 1;
        }
    }

    /// <exception cref="ImageException">The header ends early, has other values or exceeds a limit.</exception>
    public static PnmHeader Read(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        int kind = bytes[1] - '0';
        PnmText text = new(bytes[2..]);
        int? width = text.Next();
        int? height = text.Next();
        int? largest = kind is 1 or 4 ? 1 : text.Next();
        if (width is null || height is null || largest is null)
        {
            throw new ImageException(name, "the PNM file ends within its header, or its header has no numbers")
            {
                Fault = text.IsAtEnd ? ImageFault.Truncated : ImageFault.Damaged,
            };
        }

        ImageDecoder.Check(width.Value, height.Value, name, limits);
        DecodeCost.Check(3L * width.Value * height.Value, name, limits);
        return largest is >= 1 and <= ushort.MaxValue
            // one space ends the header
            ? new(kind, width.Value, height.Value, largest.Value, Math.Min(bytes.Length, 2 + text.Position + 1))
            : throw new ImageException(name, $"the PNM file says that {largest} is its largest value");
    }

    public ImageHeader ToImageHeader() =>
        new(ImageFormat.Pnm, Channels == 1, false, Largest > byte.MaxValue, 1, ImageHeader.Upright);

    /// <summary>A sample as a level of 0 to 255; the ones of a bitmap are black.</summary>
    public byte LevelOf(int value) =>
        IsBitmap
            ? (byte)(value == 0 ? 255 : 0)
            : (byte)(((Math.Min(value, Largest) * 255) + (Largest / 2)) / Largest);
}
