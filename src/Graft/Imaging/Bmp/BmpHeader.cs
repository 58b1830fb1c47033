using System.Buffers.Binary;
using System.Numerics;

namespace Graft.Imaging;

/// <summary>
/// The headers of a BMP file: BITMAPFILEHEADER, then BITMAPCOREHEADER, BITMAPINFOHEADER or one of its extensions.
/// </summary>
internal sealed record BmpHeader
{
    private const int FileHeader = 14;
    private const int CoreHeader = 12;

    public int Width { get; private init; }

    public int Height { get; private init; }

    public bool IsTopDown { get; private init; }

    public int BitsPerPixel { get; private init; }

    public BmpCompression Compression { get; private init; }

    /// <summary>Offset of the pixels in the file.</summary>
    public int PixelOffset { get; private init; }

    /// <summary>Red, green and blue of each colour, one byte each; empty if there is no palette.</summary>
    public byte[] Palette { get; private init; } = [];

    public uint RedMask { get; private init; }

    public uint GreenMask { get; private init; }

    public uint BlueMask { get; private init; }

    /// <summary>Bits of the opacity; 0 if there is no transparency.</summary>
    public uint AlphaMask { get; private init; }

    /// <exception cref="ImageException">The header ends early or declares an unknown variant.</exception>
    public static BmpHeader Read(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        if (bytes.Length < FileHeader + CoreHeader || bytes.Length < FileHeader + UInt32(bytes, 14))
        {
            throw Damaged(name, "ends within its header");
        }

        int size = (int)UInt32(bytes, 14);
        bool isCore = size == CoreHeader;
        long width = isCore ? UInt16(bytes, 18) : (int)UInt32(bytes, 18);
        long height = isCore ? UInt16(bytes, 20) : (int)UInt32(bytes, 22);
        ImageDecoder.Check(width, Math.Abs(height), name, limits);
        int bits = UInt16(bytes, isCore ? 24 : 28);
        uint compression = isCore ? 0 : UInt32(bytes, 30);
        long offset = UInt32(bytes, 10);
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32) || offset < FileHeader + size || offset > bytes.Length)
        {
            throw Damaged(name, $"says {bits} bits a pixel, beginning at byte {offset}");
        }

        BmpHeader header = new()
        {
            Width = (int)width,
            Height = (int)Math.Abs(height),
            IsTopDown = height < 0,
            BitsPerPixel = bits,
            PixelOffset = (int)offset,
            Compression = (compression, bits) switch
            {
                (0, _) => BmpCompression.None,
                (1, 8) => BmpCompression.RunLength8,
                (2, 4) => BmpCompression.RunLength4,
                (3 or 6, 16 or 32) => BmpCompression.Masks,
                _ => throw new ImageException(
                    name,
                    $"the BMP file is compressed in way {compression}, which is not read; convert it to PNG"
                )
                {
                    Fault = ImageFault.UnsupportedFormat,
                },
            },
        };
        return bits <= 8
            ? header with
            {
                Palette = ReadPalette(bytes, size, header),
            }
            : header.WithMasks(bytes, size, compression, name);
    }

    public static ImageException Damaged(string name, string how) =>
        new(name, $"the BMP file {how}")
        {
            Fault = how.StartsWith("ends ", StringComparison.Ordinal) ? ImageFault.Truncated : ImageFault.Damaged,
        };

    private static byte[] ReadPalette(ReadOnlySpan<byte> bytes, int size, BmpHeader header)
    {
        int entry = size == CoreHeader ? 3 : 4;
        int most = 1 << header.BitsPerPixel;
        uint stated = size == CoreHeader ? 0 : UInt32(bytes, 46);
        int start = FileHeader + size;
        int count = Math.Min(stated is 0 or > 256 ? most : (int)stated, (header.PixelOffset - start) / entry);
        byte[] palette = new byte[most * 3]; // missing colours are black
        for (int i = 0; i < Math.Min(count, most); i++)
        {
            ReadOnlySpan<byte> blueGreenRed = bytes.Slice(start + (i * entry), 3);
            (palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]) = (
                blueGreenRed[2],
                blueGreenRed[1],
                blueGreenRed[0]
            );
        }

        return palette;
    }

    private BmpHeader WithMasks(ReadOnlySpan<byte> bytes, int size, uint compression, string name)
    {
        if (Compression != BmpCompression.Masks)
        {
            // 32 bits without masks: the fourth byte is padding, whatever its value
            return BitsPerPixel == 16
                ? this with
                {
                    RedMask = 0x7C00,
                    GreenMask = 0x03E0,
                    BlueMask = 0x001F,
                }
                : this with
                {
                    RedMask = 0xFF0000,
                    GreenMask = 0xFF00,
                    BlueMask = 0xFF,
                };
        }

        const int Masks = FileHeader + 40; // after BITMAPINFOHEADER or inside its extensions, at the same offset
        bool hasAlpha = size >= 56 || compression == 6;
        if (bytes.Length < Masks + (hasAlpha ? 16 : 12))
        {
            throw Damaged(name, "ends within its header");
        }

        BmpHeader masked = this with
        {
            RedMask = UInt32(bytes, Masks),
            GreenMask = UInt32(bytes, Masks + 4),
            BlueMask = UInt32(bytes, Masks + 8),
            AlphaMask = hasAlpha ? UInt32(bytes, Masks + 12) : 0,
        };
        bool areRuns =
            IsRun(masked.RedMask)
            && IsRun(masked.GreenMask)
            && IsRun(masked.BlueMask)
            && (masked.AlphaMask == 0 || IsRun(masked.AlphaMask));
        return areRuns ? masked : throw Damaged(name, "has colour masks that are no runs of bits");
    }

    private static bool IsRun(uint mask) =>
        mask != 0 && BitOperations.IsPow2((ulong)(mask >> BitOperations.TrailingZeroCount(mask)) + 1);

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}

/// <summary>Encoding of the pixels in a BMP file.</summary>
internal enum BmpCompression
{
    None,
    RunLength8,
    RunLength4,
    Masks,
}
