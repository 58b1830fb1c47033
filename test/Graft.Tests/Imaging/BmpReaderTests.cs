using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Tests.Imaging;

public sealed class BmpReaderTests
{
    // red, green, blue, white as B, G, R, 0
    private static readonly byte[] Palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];

    private static readonly byte[] Red = [255, 0, 0];
    private static readonly byte[] Green = [0, 255, 0];
    private static readonly byte[] Blue = [0, 0, 255];
    private static readonly byte[] White = [255, 255, 255];

    [Fact]
    public void Rows_of_24_bits_are_padded_and_bottom_up()
    {
        using NetVips.Image picture = Pictures.Gradient(37, 11); // 111 bytes per row and one of padding

        Assert.Equal(Pictures.Pixels(picture), Pictures.Decode(BmpFiles.Bits24(37, 11, Pictures.Pixels(picture))));
    }

    [Fact]
    public void A_negative_height_means_top_row_first() =>
        Assert.Equal(
            [.. Red, .. Blue],
            Pictures.Decode(BmpFiles.Write(1, -2, 24, 0, [], [0, 0, 255, 0, 255, 0, 0, 0]))
        );

    [Fact]
    public void One_bit_selects_one_of_two_colours() =>
        Assert.Equal(
            [.. Red, .. Green, .. Red],
            Pictures.Decode(BmpFiles.Write(3, 1, 1, 0, Palette[..8], [0b0100_0000, 0, 0, 0], colours: 2))
        );

    [Fact]
    public void Four_bits_are_read_from_the_upper_half_first() =>
        Assert.Equal(
            [.. Green, .. White, .. Blue],
            Pictures.Decode(BmpFiles.Write(3, 1, 4, 0, Palette, [0x13, 0x20, 0, 0], colours: 4))
        );

    [Fact]
    public void Indices_past_the_palette_are_black() =>
        Assert.Equal(
            [.. Blue, 0, 0, 0],
            Pictures.Decode(BmpFiles.Write(2, 1, 8, 0, Palette, [2, 200, 0, 0], colours: 4))
        );

    [Fact]
    public void Sixteen_bits_without_masks_are_five_per_colour() =>
        // 16 / 31 of 255
        Assert.Equal([.. Red, 0, 0, 132], Pictures.Decode(BmpFiles.Write(2, 1, 16, 0, [], [0x00, 0x7C, 0x10, 0x00])));

    [Fact]
    public void Sixteen_bits_with_masks_can_have_six_for_green() =>
        Assert.Equal(
            Green,
            Pictures.Decode(
                BmpFiles.Write(1, 1, 16, 3, [0x00, 0xF8, 0, 0, 0xE0, 0x07, 0, 0, 0x1F, 0, 0, 0], [0xE0, 0x07, 0, 0])
            )
        );

    [Fact]
    public void The_fourth_byte_of_32_bits_is_ignored_unless_a_mask_makes_it_transparency()
    {
        byte[] masks = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, .. new byte[52]]; // BITMAPV4HEADER

        Assert.Equal(Blue, Pictures.Decode(BmpFiles.Write(1, 1, 32, 0, [], [255, 0, 0, 0])));
        Assert.Equal(White, Pictures.Decode(BmpFiles.Write(1, 1, 32, 3, masks, [255, 0, 0, 0], headerSize: 108)));
        Assert.Equal(Blue, Pictures.Decode(BmpFiles.Write(1, 1, 32, 3, masks, [255, 0, 0, 255], headerSize: 108)));
    }

    [Fact]
    public void Eight_bit_run_lengths_have_runs_literals_jumps_and_row_ends()
    {
        byte[] coded = [2, 1, 0, 0, 0, 3, 2, 3, 1, 0, 0, 2, 0, 1, 1, 2, 0, 1]; // GG; BWG, jump up one; at 3: B

        byte[] pixels = Pictures.Decode(BmpFiles.Write(4, 3, 8, 1, Palette, coded, colours: 4));

        Assert.Equal([.. Red, .. Red, .. Red, .. Blue], pixels[..12]);
        Assert.Equal([.. Blue, .. White, .. Green, .. Red], pixels[12..24]);
        Assert.Equal([.. Green, .. Green, .. Red, .. Red], pixels[24..]);
    }

    [Fact]
    public void Four_bit_runs_alternate_two_colours() =>
        Assert.Equal(
            [.. Green, .. Blue, .. Green, .. White],
            Pictures.Decode(BmpFiles.Write(4, 1, 4, 2, Palette, [3, 0x12, 1, 0x30, 0, 1], colours: 4))
        );

    [Fact]
    public void The_oldest_header_is_read()
    {
        byte[] file =
        [
            .. "BM"u8,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            26,
            0,
            0,
            0,
            12,
            0,
            0,
            0,
            1,
            0,
            1,
            0,
            1,
            0,
            24,
            0,
            255,
            0,
            0,
            0,
        ];

        Assert.Equal(Blue, Pictures.Decode(file));
    }

    [Theory]
    [InlineData(24, 0, "ends before its last row")]
    [InlineData(8, 1, "ends before its last row")]
    public void A_file_that_ends_early_is_rejected(int bits, int compression, string reason)
    {
        byte[] file = BmpFiles.Write(8, 8, bits, compression, bits == 8 ? Palette : [], [4, 1, 0, 0], colours: 4);

        Assert.Contains(
            reason,
            Assert.Throws<ImageException>(() => Pictures.Decode(file)).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_huge_size_is_refused_and_damage_leads_to_nothing_but_an_image_exception()
    {
        byte[] file = BmpFiles.Write(
            4,
            3,
            8,
            1,
            Palette,
            [2, 1, 0, 0, 0, 3, 2, 3, 1, 0, 0, 2, 0, 1, 1, 2, 0, 1],
            colours: 4
        );
        Assert.Throws<ImageException>(() => Pictures.Decode(BmpFiles.Write(29_000, 29_000, 8, 1, Palette, [0, 1])));
        Assert.Throws<ImageException>(() =>
            Pictures.Decode(BmpFiles.Write(int.MinValue, int.MinValue, 24, 0, [], [0, 1]))
        );
        CountedRandom random = new(1, RandomPurpose.Split);
        for (uint attempt = 0; attempt < 20_000; attempt++)
        {
            byte[] damaged = (byte[])file.Clone();
            damaged[2 + random.Below(file.Length - 2, attempt * 4)] = (byte)random.Below(256, (attempt * 4) + 1);
            damaged[2 + random.Below(file.Length - 2, (attempt * 4) + 2)] = (byte)random.Below(256, (attempt * 4) + 3);
            try
            {
                using DecodedImage decoded = ImageDecoder.Decode(damaged, "picture", new() { Pixels = 1 << 20 });
                Assert.Equal(decoded.Width * decoded.Height * 3, decoded.Pixels.Length);
            }
            catch (ImageException error)
            {
                Assert.NotEmpty(error.Reason);
            }
        }
    }
}
