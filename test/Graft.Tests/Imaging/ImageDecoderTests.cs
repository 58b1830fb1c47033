using Graft.Imaging;
using NetVips;

namespace Graft.Tests.Imaging;

public sealed class ImageDecoderTests
{
    /// <summary>Largest mean change in levels of a smooth picture in a lossy format of quality 95.</summary>
    private const double LossyTolerance = 2;

    /// <summary>
    /// Largest mean change in levels through another colour space: CMYK lacks the gradient's brightest hues.
    /// </summary>
    private const double InkTolerance = 30;

    [Theory]
    [InlineData(".jpg[Q=95]", LossyTolerance)]
    [InlineData(".jpg[Q=95,interlace]", LossyTolerance)]
    [InlineData(".webp[Q=95]", 2 * LossyTolerance)] // WebP always halves the colour resolution
    [InlineData(".webp[lossless]", 0)]
    [InlineData(".png", 0)]
    [InlineData(".png[interlace]", 0)]
    [InlineData(".tif", 0)]
    [InlineData(".tif[compression=lzw]", 0)]
    [InlineData(".tif[compression=deflate,tile]", 0)]
    [InlineData(".tif[bigtiff]", 0)]
    [InlineData(".png[palette,Q=100]", 4 * LossyTolerance)] // 256 of some thousand colours
    [InlineData(".gif", 4 * LossyTolerance)]
    [InlineData(".avif[Q=95]", LossyTolerance)]
    [InlineData(".avif[Q=95,bitdepth=10]", LossyTolerance)]
    public void Each_format_restores_the_picture(string format, double tolerance)
    {
        using Image picture = Pictures.Gradient();

        byte[] pixels = Pictures.Decode(picture.WriteToBuffer(format));

        Assert.InRange(Pictures.MeanDifference(Pictures.Pixels(picture), pixels), 0, tolerance);
    }

    [Theory]
    [InlineData(".jpg[Q=95]", LossyTolerance)]
    [InlineData(".png", 0)]
    [InlineData(".tif", 0)]
    public void Grey_becomes_three_equal_channels(string format, double tolerance)
    {
        using Image picture = Pictures.Gradient();
        using Image grey = picture.Colourspace(Enums.Interpretation.Bw);
        byte[] expected = [.. Pictures.Pixels(grey).SelectMany(level => new[] { level, level, level })];

        byte[] pixels = Pictures.Decode(grey.WriteToBuffer(format));

        Assert.InRange(Pictures.MeanDifference(expected, pixels), 0, tolerance);
    }

    [Fact]
    public void Sixteen_bits_are_reduced_to_their_upper_eight()
    {
        using Image picture = Pictures.Gradient();
        using Image deep = (picture * 257)
            .Cast(Enums.BandFormat.Ushort)
            .Copy(interpretation: Enums.Interpretation.Rgb16);

        Assert.Equal(Pictures.Pixels(picture), Pictures.Decode(deep.WriteToBuffer(".png")));
        Assert.Equal(Pictures.Pixels(picture), Pictures.Decode(deep.WriteToBuffer(".tif")));
    }

    [Fact]
    public void Cmyk_is_turned_into_the_colours_that_a_viewer_shows()
    {
        using Image picture = Pictures.Gradient();
        using Image inks = picture.IccExport(outputProfile: "cmyk", depth: 8);
        byte[] file = inks.WriteToBuffer(".jpg[Q=95]");
        using Image stored = Image.NewFromBuffer(file);

        byte[] pixels = Pictures.Decode(file);

        Assert.Equal(4, stored.Bands);
        Assert.InRange(Pictures.MeanDifference(Pictures.Pixels(picture), pixels), 0, InkTolerance);
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".webp[lossless]")]
    [InlineData(".tif")]
    public void Transparency_becomes_white(string format)
    {
        using Image picture = Pictures.Gradient(32, 32);
        using Image alpha = Image.Black(32, 32).Cast(Enums.BandFormat.Uchar);
        using Image clear = picture.Bandjoin(alpha);

        byte[] pixels = Pictures.Decode(clear.Copy(interpretation: Enums.Interpretation.Srgb).WriteToBuffer(format));

        Assert.All(pixels, level => Assert.Equal(255, level));
    }

    [Fact]
    public void Half_transparency_becomes_half_white()
    {
        using Image black = (Image.Black(16, 16, bands: 3) + new double[] { 0, 0, 0 })
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        using Image half = black.Bandjoin((Image.Black(16, 16) + 128).Cast(Enums.BandFormat.Uchar));

        byte[] pixels = Pictures.Decode(half.WriteToBuffer(".png"));

        Assert.All(pixels, level => Assert.InRange(level, 126, 128));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Every_exif_orientation_is_turned_upright(int orientation)
    {
        using Image picture = Pictures.Gradient();
        using Image stored = AsCameraStores(picture, orientation)
            .Mutate(image => image.Set(GValue.GIntType, "orientation", orientation));
        byte[] file = stored.WriteToBuffer(".jpg[Q=95]");

        using DecodedImage decoded = ImageDecoder.Decode(file, "picture");

        Assert.Equal((picture.Width, picture.Height), (decoded.Width, decoded.Height));
        Assert.Equal((picture.Width, picture.Height), (decoded.OriginalWidth, decoded.OriginalHeight));
        Assert.InRange(Pictures.MeanDifference(Pictures.Pixels(picture), decoded.Pixels.ToArray()), 0, LossyTolerance);
    }

    [Theory]
    [InlineData(".gif")]
    [InlineData(".webp[lossless]")]
    [InlineData(".tif")]
    public void The_first_of_many_frames_is_used(string format)
    {
        using Image first = (Image.Black(24, 16, bands: 3) + new double[] { 255, 0, 0 })
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        using Image second = (Image.Black(24, 16, bands: 3) + new double[] { 0, 0, 255 })
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        using Image film = first
            .Join(second, Enums.Direction.Vertical)
            .Mutate(image => image.Set(GValue.GIntType, "page-height", 16));

        using DecodedImage decoded = ImageDecoder.Decode(film.WriteToBuffer(format), "picture");

        Assert.Equal((24, 16), (decoded.Width, decoded.Height));
        Assert.Equal([255, 0, 0], decoded.Pixels[..3].ToArray());
        Assert.Equal([255, 0, 0], decoded.Pixels[^3..].ToArray());
    }

    [Fact]
    public void A_wide_gamut_profile_is_converted_and_srgb_is_left_alone()
    {
        using Image picture = Pictures.Gradient();
        using Image wide = picture.IccTransform("p3", inputProfile: "srgb", depth: 8);
        byte[] file = wide.WriteToBuffer(".png[profile=p3]");
        byte[] same = picture.WriteToBuffer(".png[profile=srgb]");

        // the stored numbers differ
        Assert.True(Pictures.MeanDifference(Pictures.Pixels(picture), Pictures.Pixels(wide)) > 4);
        Assert.InRange(Pictures.MeanDifference(Pictures.Pixels(picture), Pictures.Decode(file)), 0, 1);
        Assert.Equal(Pictures.Pixels(picture), Pictures.Decode(same));
    }

    [Theory]
    [InlineData(".jpg[Q=95]", 2)]
    [InlineData(".jpg[Q=95]", 3)]
    [InlineData(".jpg[Q=95]", 6)]
    [InlineData(".png", 3)]
    public void Shrinking_while_decoding_keeps_the_picture(string format, int shrink)
    {
        using Image picture = Pictures.Gradient(480, 360);
        byte[] file = picture.WriteToBuffer(format);

        using DecodedImage decoded = ImageDecoder.Decode(file, "picture", shrink: (_, _) => shrink);

        Assert.InRange(decoded.Shrink, 2, shrink);
        Assert.Equal((480 / decoded.Shrink, 360 / decoded.Shrink), (decoded.Width, decoded.Height));
        Assert.Equal((480, 360), (decoded.OriginalWidth, decoded.OriginalHeight));
        using Image small = picture.Shrink(decoded.Shrink, decoded.Shrink);
        Assert.InRange(Pictures.MeanDifference(Pictures.Pixels(small), decoded.Pixels.ToArray()), 0, LossyTolerance);
    }

    [Fact]
    public void Many_threads_get_the_result_of_one()
    {
        using Image picture = Pictures.Gradient(300, 200);
        byte[] file = picture.WriteToBuffer(".jpg[Q=95]");
        byte[] damaged = file[..(file.Length / 2)];
        byte[] alone = Pictures.Decode(file);

        _ = Parallel.For(0, 64, i =>
        {
            if (i % 4 == 0)
            {
                ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(damaged));
                Assert.Contains("ends before its last row", error.Reason, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(alone, Pictures.Decode(file));
            }
        });
    }

    // The inverse of a viewer's rotation (EXIF standard, 4.6.4.A, Orientation).
    private static Image AsCameraStores(Image upright, int orientation) =>
        orientation switch
        {
            1 => upright.Copy(),
            2 => upright.FlipHor(),
            3 => upright.Rot180(),
            4 => upright.FlipVer(),
            5 => upright.Rot90().FlipHor(),
            6 => upright.Rot270(),
            7 => upright.Rot270().FlipHor(),
            _ => upright.Rot90(),
        };
}
