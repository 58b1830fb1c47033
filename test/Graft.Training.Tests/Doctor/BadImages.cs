using System.Buffers.Binary;
using System.Text;
using Graft.Imaging;
using NetVips;

namespace Graft.Training.Tests.Doctor;

/// <summary>Bad images, each with the finding that the doctor must report.</summary>
internal static class BadImages
{
    /// <summary>More than sixty images that cannot be used.</summary>
    public static IReadOnlyList<(string Name, FindingKind Kind, byte[] Bytes)> Unusable()
    {
        Vips.Prepare();
        byte[] jpeg = Noise(96, 80).JpegsaveBuffer(q: 90);
        byte[] progressive = Noise(96, 80).JpegsaveBuffer(q: 90, interlace: true);
        byte[] png = Noise(90, 70).PngsaveBuffer();
        List<(string, FindingKind, byte[])> all = [];
        for (int i = 1; i <= 20; i++)
        {
            all.Add(($"cut-{i:00}.jpg", FindingKind.Truncated, jpeg[..(jpeg.Length * i / 21)]));
        }

        for (int i = 1; i <= 6; i++)
        {
            all.Add(($"cut-progressive-{i}.jpg", FindingKind.Truncated, progressive[..(progressive.Length * i / 7)]));
            all.Add(($"cut-{i}.png", FindingKind.Truncated, png[..(png.Length * i / 7)]));
        }

        for (int i = 0; i < 4; i++)
        {
            all.Add(
                (
                    $"cut-{i}.webp",
                    FindingKind.Truncated,
                    Cut(Noise(90, 70).WebpsaveBuffer(lossless: i % 2 == 0), 0.3 + (0.2 * i))
                )
            );
            all.Add(($"cut-{i}.gif", FindingKind.Truncated, Cut(Noise(60, 50).GifsaveBuffer(), 0.4 + (0.15 * i))));
            all.Add(($"checksum-{i}.png", FindingKind.Damaged, WithBrokenChecksum(png, i)));
            all.Add(($"empty-{i}{new[] { ".jpg", ".png", ".webp", ".bmp" }[i]}", FindingKind.Empty, []));
        }

        all.AddRange([
            ("cut.bmp", FindingKind.Truncated, Bmp()[..200]),
            ("header-alone.bmp", FindingKind.Truncated, Bmp()[..30]),
            ("text.jpg", FindingKind.NotAnImage, "this is a text, not an image"u8.ToArray()),
            ("page.png", FindingKind.NotAnImage, "<html><body>404 Not Found</body></html>"u8.ToArray()),
            (
                "drawing.jpg",
                FindingKind.ForeignFormat,
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8.ToArray()
            ),
            ("zeros.jpg", FindingKind.NotAnImage, new byte[5000]),
            ("archive.png", FindingKind.NotAnImage, [.. "PK\u0003\u0004"u8, .. new byte[60]]),
            ("phone.jpg", FindingKind.ForeignFormat, [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[20]]),
            ("web.jpg", FindingKind.Truncated, [0, 0, 0, 24, .. "ftypavif"u8, .. new byte[20]]),
            ("paper.jpg", FindingKind.ForeignFormat, [.. "%PDF-1.7"u8, .. new byte[40]]),
            ("layers.png", FindingKind.ForeignFormat, [.. "8BPS"u8, .. new byte[40]]),
            ("bomb.png", FindingKind.OverLimit, WithSize(png, 29_000, 29_000)),
            ("ribbon.png", FindingKind.OverLimit, WithSize(png, 2_000_000, 1)),
            ("floats.tif", FindingKind.OddColours, Noise(40, 40).Cast(Enums.BandFormat.Float).TiffsaveBuffer()),
            ("header.jpg", FindingKind.Truncated, [0xFF, 0xD8, 0xFF, 0xE0]),
            ("name.tif", FindingKind.Damaged, [.. "II*\0"u8, .. new byte[80]]),
        ]);
        return all;
    }

    /// <summary>Images that are used and reported.</summary>
    public static IReadOnlyList<(string Name, FindingKind Kind, byte[] Bytes)> Odd()
    {
        Vips.Prepare();
        return
        [
            ("png-inside.jpg", FindingKind.WrongName, Noise(90, 80).PngsaveBuffer()),
            ("jpeg-inside.png", FindingKind.WrongName, Noise(91, 80).JpegsaveBuffer()),
            ("webp-inside.jpeg", FindingKind.WrongName, Noise(92, 80).WebpsaveBuffer()),
            ("tiny.png", FindingKind.Tiny, Noise(6, 6).PngsaveBuffer()),
            ("thread.png", FindingKind.Tiny, Noise(300, 3).PngsaveBuffer()),
            ("huge.jpg", FindingKind.Huge, Noise(100, 80).Resize(80).JpegsaveBuffer(q: 30)),
            ("moving.gif", FindingKind.Animated, Frames().GifsaveBuffer()),
            ("moving.webp", FindingKind.Animated, Frames().WebpsaveBuffer()),
            ("pages.tif", FindingKind.Animated, Frames().TiffsaveBuffer()),
            ("on-its-side.jpg", FindingKind.Rotated, Turned(6)),
            ("on-its-head.jpg", FindingKind.Rotated, Turned(3)),
            ("no-end.jpg", FindingKind.NoEndMarker, Noise(91, 82).JpegsaveBuffer()[..^2]),
            ("print.jpg", FindingKind.Cmyk, Noise(93, 80).Colourspace(Enums.Interpretation.Cmyk).JpegsaveBuffer()),
            ("deep.png", FindingKind.SixteenBit, Noise(94, 80).Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer()),
            (
                "deep.tif",
                FindingKind.SixteenBit,
                Noise(95, 80).Colourspace(Enums.Interpretation.Rgb16).TiffsaveBuffer()
            ),
            (
                "grey.jpg",
                FindingKind.GreyAmongColour,
                Noise(97, 80).Colourspace(Enums.Interpretation.Bw).JpegsaveBuffer()
            ),
            (
                "grey-in-rgb.png",
                FindingKind.GreyAmongColour,
                Noise(98, 80)
                    .Colourspace(Enums.Interpretation.Bw)
                    .Colourspace(Enums.Interpretation.Srgb)
                    .PngsaveBuffer()
            ),
            ("nothing.png", FindingKind.Blank, TinyClassifier.Png(200, 40, 40)),
        ];
    }

    private static byte[] Cut(byte[] bytes, double share) => bytes[..(int)(bytes.Length * share)];

    private static byte[] Turned(int orientation) =>
        Noise(99, 80 + orientation)
            .Mutate(image => image.Set(GValue.GIntType, "orientation", orientation))
            .JpegsaveBuffer();

    private static Image Frames()
    {
        using Image strip = Image.Arrayjoin([Noise(60, 48), Noise(60, 48, 8), Noise(60, 48, 16)], across: 1);
        return strip.Mutate(image => image.Set(GValue.GIntType, "page-height", 48)).CopyMemory();
    }

    /// <summary>
    /// Coarse coloured noise. An encoder needs bytes for it, and some of it remains when it is made smaller.
    /// </summary>
    private static Image Noise(int width, int height, int seed = 5)
    {
        Image[] channels =
        [
            .. Enumerable
                .Range(0, 3)
                .Select(c =>
                    Image
                        .Gaussnoise(7, 6, mean: 128, sigma: 50, seed: seed + c)
                        .Resize(width / 7.0, vscale: height / 6.0)
                    + Image.Gaussnoise(width, height, mean: 0, sigma: 25, seed: seed + c + 50)
                ),
        ];
        return channels[0]
            .Bandjoin(channels[1..])
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb)
            .CopyMemory();
    }

    // A header and rows: 24 bits, 12 x 10 pixels, all black.
    private static byte[] Bmp()
    {
        byte[] bytes = new byte[54 + (36 * 10)];
        Encoding.ASCII.GetBytes("BM").CopyTo(bytes, 0);
        int[] header = [bytes.Length, 0, 54, 40, 12, 10, 1 | (24 << 16)];
        for (int i = 0; i < header.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2 + (4 * i)), header[i]);
        }

        return bytes;
    }

    /// <summary>
    /// Flips one bit: 0 in the header's checksum, 1 and 3 in the checksum of the pixels, 2 in the pixels.
    /// </summary>
    private static byte[] WithBrokenChecksum(byte[] png, int which)
    {
        byte[] broken = [.. png];
        int pixels = png.AsSpan().IndexOf("IDAT"u8);
        int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(pixels - 4));
        int place = which switch
        {
            0 => 8 + 8 + 13,
            1 => pixels + 4 + length,
            2 => pixels + 4 + (length / 2),
            _ => pixels + 4 + length + 3,
        };
        broken[place] ^= 0x10;
        return broken;
    }

    private static byte[] WithSize(byte[] png, int width, int height)
    {
        byte[] sized = [.. png];
        BinaryPrimitives.WriteInt32BigEndian(sized.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(sized.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(sized.AsSpan(29), PngChecksum.Of(sized.AsSpan(12, 17)));
        return sized;
    }
}
