namespace Graft.Imaging;

/// <summary>
/// Reads Netpbm's PBM, PGM and PPM, which the libvips of NetVips.Native does not: as text or binary, of 1 to 16 bits. A
/// file of several images shows its first.
/// </summary>
/// <remarks>The length is checked before memory is reserved. Spans check every access.</remarks>
internal static class PnmReader
{
    /// <summary>Decodes the image at full size.</summary>
    /// <exception cref="ImageException">The file is damaged, ends early or exceeds a limit.</exception>
    public static DecodedImage Read(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        PnmHeader header = PnmHeader.Read(bytes, name, limits);
        ReadOnlySpan<byte> data = bytes[header.PixelOffset..];
        if (data.Length < header.LeastBytes)
        {
            throw ImageDamage.EndsEarly(name, ImageFormat.Pnm);
        }

        DecodedImage image = new(header.Width, header.Height, header.Width, header.Height, 1)
        {
            Header = header.ToImageHeader(),
        };
        try
        {
            Fill(image, header, data, name);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static void Fill(DecodedImage image, PnmHeader header, ReadOnlySpan<byte> data, string name)
    {
        PnmText text = new(data);
        int samples = header.Width * header.Channels; // of a row
        for (int y = 0; y < header.Height; y++)
        {
            Span<byte> pixels = image.Pixels.Slice(y * header.Width * 3, header.Width * 3);
            ReadOnlySpan<byte> row = header.IsText ? [] : data[(int)(y * header.RowBytes)..];
            for (int i = 0; i < samples; i++)
            {
                int value = header.IsText
                    ? text.Next(isBit: header.IsBitmap) ?? throw ImageDamage.EndsEarly(name, ImageFormat.Pnm)
                    : Binary(row, i, header);
                byte level = header.LevelOf(value);
                if (header.Channels == 3)
                {
                    pixels[i] = level;
                }
                else
                {
                    pixels.Slice(i * 3, 3).Fill(level);
                }
            }
        }
    }

    private static int Binary(ReadOnlySpan<byte> row, int index, PnmHeader header) =>
        header.IsBitmap ? (row[index / 8] >> (7 - (index % 8))) & 1
        : header.Largest > byte.MaxValue ? (row[2 * index] << 8) | row[(2 * index) + 1]
        : row[index];
}
