using System.Buffers.Binary;
using System.Numerics;

namespace Graft.Imaging;

/// <summary>
/// Reads BMP, which the libvips of NetVips.Native does not: 1, 4, 8, 16, 24 and 32 bits, palettes, colour masks, run
/// lengths, and rows in either direction.
/// </summary>
/// <remarks>Sizes are checked before memory is reserved. Spans check every access.</remarks>
internal static class BmpReader
{
    /// <summary>Decodes the image at full size.</summary>
    /// <exception cref="ImageException">
    /// The file is damaged, ends early, exceeds a limit or has an unknown variant.
    /// </exception>
    public static DecodedImage Read(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        BmpHeader header = BmpHeader.Read(bytes, name, limits);
        ReadOnlySpan<byte> data = bytes[header.PixelOffset..];
        bool isRunLength = header.Compression is BmpCompression.RunLength8 or BmpCompression.RunLength4;
        long stride = (((long)header.Width * header.BitsPerPixel) + 31) / 32 * 4; // rows are padded to 4 bytes
        if (
            !isRunLength
            && data.Length < (stride * (header.Height - 1)) + (((long)header.Width * header.BitsPerPixel) + 7) / 8
        )
        {
            throw BmpHeader.Damaged(name, "ends before its last row");
        }

        byte[] indices = isRunLength ? BmpRunLength.Expand(data, header, name) : [];
        DecodedImage image = new(header.Width, header.Height, header.Width, header.Height, 1)
        {
            Header = ImageHeader.Bmp,
        };
        for (int y = 0; y < header.Height; y++)
        {
            int row = header.IsTopDown ? y : header.Height - 1 - y;
            Span<byte> pixels = image.Pixels.Slice(row * header.Width * 3, header.Width * 3);
            if (isRunLength)
            {
                FromPalette(indices.AsSpan(y * header.Width, header.Width), 8, header, pixels);
                continue;
            }

            ReadOnlySpan<byte> source = data[(int)(y * stride)..];
            if (header.BitsPerPixel <= 8)
            {
                FromPalette(source, header.BitsPerPixel, header, pixels);
            }
            else
            {
                FromMasks(source, header, pixels);
            }
        }

        return image;
    }

    private static void FromPalette(ReadOnlySpan<byte> source, int bits, BmpHeader header, Span<byte> pixels)
    {
        int mask = (1 << bits) - 1;
        for (int x = 0; x < header.Width; x++)
        {
            int bit = x * bits;
            int index = (source[bit / 8] >> (8 - bits - (bit % 8))) & mask;
            header.Palette.AsSpan(index * 3, 3).CopyTo(pixels[(x * 3)..]);
        }
    }

    private static void FromMasks(ReadOnlySpan<byte> source, BmpHeader header, Span<byte> pixels)
    {
        int size = header.BitsPerPixel / 8;
        for (int x = 0; x < header.Width; x++)
        {
            ReadOnlySpan<byte> at = source.Slice(x * size, size);
            uint value = size switch
            {
                2 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                3 => at[0] | ((uint)at[1] << 8) | ((uint)at[2] << 16),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(at),
            };
            uint alpha = header.AlphaMask == 0 ? 255 : Level(value, header.AlphaMask);
            pixels[x * 3] = OnWhite(Level(value, header.RedMask), alpha);
            pixels[(x * 3) + 1] = OnWhite(Level(value, header.GreenMask), alpha);
            pixels[(x * 3) + 2] = OnWhite(Level(value, header.BlueMask), alpha);
        }
    }

    // Scales a field of any number of bits so that its largest value becomes 255.
    private static uint Level(uint value, uint mask)
    {
        int shift = BitOperations.TrailingZeroCount(mask);
        ulong most = mask >> shift;
        return (uint)(((((value & mask) >> shift) * 255UL) + (most / 2)) / most);
    }

    private static byte OnWhite(uint level, uint alpha) =>
        (byte)(((level * alpha) + (255 * (255 - alpha)) + 127) / 255);
}
