using Graft.Imaging;

namespace Graft.Tests.Imaging;

public sealed class TiffBandsTests
{
    private const int Width = 24;
    private const int Height = 16;

    private static readonly byte[] s_colours = Pictures.Pixels(Pictures.Gradient(Width, Height));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Near_infrared_is_no_transparency(bool isBigEndian)
    {
        byte[] file = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 40), 2, [0], isBigEndian: isBigEndian);

        Assert.Equal(s_colours, Pictures.Decode(file));
    }

    [Fact]
    public void The_header_tells_that_bands_are_dropped()
    {
        byte[] infrared = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 40), 2, [0]);
        byte[] opaque = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 255), 2, [2]);
        byte[] grey = TiffFiles.Write(Width, Height, s_colours, 1, [0, 0]);

        bool[] found = Array.ConvertAll(
            (byte[][])[infrared, opaque, grey],
            file =>
            {
                using DecodedImage decoded = ImageDecoder.Decode(file, "picture");
                return decoded.Header.HasOtherBands;
            }
        );

        Assert.Equal([true, false, false], found);
    }

    [Fact]
    public void Many_other_bands_are_dropped()
    {
        byte[] pixels = s_colours;
        for (int bands = 3; bands < 8; bands++)
        {
            pixels = WithBand(pixels, bands, (byte)(10 * bands));
        }

        Assert.Equal(s_colours, Pictures.Decode(TiffFiles.Write(Width, Height, pixels, 2, [0, 0, 0, 0, 0])));
    }

    [Theory]
    [InlineData(new[] { 2 })]
    [InlineData(null)] // one extra band without a meaning: old programs mean opacity
    public void Opacity_stays_opacity(int[]? extra)
    {
        byte[] file = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 0), 2, extra);

        Assert.All(Pictures.Decode(file), level => Assert.Equal(255, level));
    }

    [Fact]
    public void Opacity_behind_another_band_is_found()
    {
        byte[] file = TiffFiles.Write(Width, Height, WithBand(WithBand(s_colours, 3, 77), 4, 0), 2, [0, 2]);

        Assert.All(Pictures.Decode(file), level => Assert.Equal(255, level));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public void The_second_of_two_bands_means_what_the_file_says(int meaning, bool isWhite)
    {
        byte[] grey = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % 200))];
        byte[] file = TiffFiles.Write(Width, Height, WithBand(grey, 1, 0), 1, [meaning]);

        byte[] expected = [.. grey.SelectMany(level => Enumerable.Repeat(isWhite ? (byte)255 : level, 3))];
        Assert.Equal(expected, Pictures.Decode(file));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(new[] { 0, 0 })]
    public void Three_bands_called_grey_are_red_green_and_blue(int[]? extra) =>
        Assert.Equal(s_colours, Pictures.Decode(TiffFiles.Write(Width, Height, s_colours, 1, extra)));

    [Fact]
    public void Four_bands_called_grey_are_refused_for_their_bands()
    {
        byte[] file = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 9), 1, [0, 0, 0]);

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(file));

        Assert.Equal(ImageFault.UnsupportedColors, error.Fault);
        Assert.Contains("which of its 4 bands are red, green and blue", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compression_that_is_not_built_in_is_named_and_no_damage()
    {
        byte[] file = TiffFiles.Rgb(Width, Height, s_colours, compression: 50_000);

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(file));

        Assert.Equal(ImageFault.UnsupportedFormat, error.Fault);
        Assert.Equal(
            "libvips: ZSTD compression support is not configured; convert it to PNG or JPEG",
            error.Reason
        );
    }

    [Theory]
    [InlineData("rgb-nir-unspecified.tif")]
    [InlineData("three-band-minisblack.tif")]
    [InlineData("rgb.ppm")]
    public void Files_of_other_programs_show_the_same_picture(string name)
    {
        byte[] expected = Pictures.Decode(File.ReadAllBytes(SharedData.Find("reports/files/rgb.tif")));

        Assert.Equal(expected, Pictures.Decode(File.ReadAllBytes(SharedData.Find($"reports/files/{name}"))));
    }

    [Fact]
    public void Damaged_tags_lead_to_an_image_or_an_image_exception()
    {
        byte[] file = TiffFiles.Write(Width, Height, WithBand(s_colours, 3, 40), 2, [0]);
        for (int at = 0; at < file.Length; at += at is >= 8 and < 1200 ? 97 : 1)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 0xFF;

            Exception? error = Record.Exception(() => Pictures.Decode(damaged));

            Assert.True(error is null or ImageException, $"byte {at}: {error}");
        }
    }

    // The image with one more band of a single value.
    private static byte[] WithBand(byte[] pixels, int bands, byte value) =>
        [.. pixels.Chunk(bands).SelectMany(pixel => pixel.Append(value))];
}
