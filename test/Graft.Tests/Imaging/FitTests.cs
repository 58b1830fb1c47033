using Graft.Imaging;
using NetVips;

namespace Graft.Tests.Imaging;

public sealed class FitTests
{
    private const int Side = 64;
    private const double Tolerance = 2; // levels, at the edges of a resampling filter

    private static readonly Preprocessing s_pad = new()
    {
        Width = Side,
        Height = Side,
        ResizeShorter = 72,
        Resize = ResizeRule.Pad,
        Mean = new(90, 110, 130),
    };

    [Theory]
    [InlineData(320, 80, 24, 0)]
    [InlineData(80, 320, 0, 24)]
    public void Padding_shows_all_of_the_image_and_fills_the_rest_with_the_mean(
        int width,
        int height,
        int top,
        int left
    )
    {
        byte[] planes = new Preprocessor(s_pad).Render(Halves(width, height));

        Assert.Equal((90, 110, 130), Pixel(planes, 0, 0));
        Assert.Equal((90, 110, 130), Pixel(planes, Side - 1, Side - 1));
        Assert.Equal((255, 0, 0), Pixel(planes, left, top));
        Assert.Equal((0, 0, 255), Pixel(planes, Side - 1 - left, Side - 1 - top));
        Assert.Equal(Side * 16, Enumerable.Range(0, Side * Side).Count(i => planes[i] != 90));
    }

    [Fact]
    public void A_square_image_needs_no_padding()
    {
        byte[] file = Pictures.Gradient(200, 200).WriteToBuffer(".png");

        byte[] padded = new Preprocessor(s_pad).Render(file);

        Assert.Equal(new Preprocessor(s_pad with { Resize = ResizeRule.Squash }).Render(file), padded);
    }

    [Theory]
    [InlineData(ResizeRule.Pad)]
    [InlineData(ResizeRule.Squash)]
    public void Random_views_show_both_ends_of_a_long_image(ResizeRule fit)
    {
        Preprocessor preprocessor = new(s_pad with { Resize = fit });
        byte[] file = Halves(720, 160);
        ImageView[] views = [.. Enumerable.Range(1, 40).Select(i => new ImageView((uint)i, 3))];
        byte[] planes = new byte[views.Length * preprocessor.PixelBytes];

        preprocessor.Render(file, "picture", views, planes);

        int red = 0;
        int blue = 0;
        foreach (byte[] view in planes.Chunk(preprocessor.PixelBytes))
        {
            red += Share(view, 0) > 0.05 ? 1 : 0;
            blue += Share(view, 2) > 0.05 ? 1 : 0;
        }

        Assert.Equal(40, red);
        Assert.Equal(40, blue);
    }

    [Theory]
    [InlineData(ResizeRule.Pad)]
    [InlineData(ResizeRule.Squash)]
    public void A_view_of_another_fit_is_the_same_alone_and_among_others(ResizeRule fit)
    {
        Preprocessor preprocessor = new(s_pad with { Resize = fit });
        byte[] file = Pictures.Gradient(1500, 300).WriteToBuffer(".jpg");

        RenderedViews.AssertSameAlone(preprocessor, file, new(3, 9), ImageView.Plain, new(1, 9));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5000)]
    [InlineData(20_000, 2)]
    public void Images_of_any_shape_are_fitted(int width, int height)
    {
        byte[] file = (Image.Black(width, height, bands: 3) + new double[] { 90, 110, 130 })
            .Cast(Enums.BandFormat.Uchar)
            .WriteToBuffer(".png");
        foreach (ResizeRule fit in (ResizeRule[])[ResizeRule.Pad, ResizeRule.Squash])
        {
            Preprocessor preprocessor = new(s_pad with { Resize = fit });
            byte[] planes = new byte[3 * preprocessor.PixelBytes];

            preprocessor.Render(file, "picture", [ImageView.Plain, new(1, 5), new(2, 5)], planes);

            Assert.All(planes.Chunk(Side * Side).Index(), plane =>
                Assert.All(plane.Item, level => Assert.Equal(new[] { 90, 110, 130 }[plane.Index % 3], level))
            );
        }
    }

    [Fact]
    public void A_mirrored_padded_view_is_the_mirror_of_the_other()
    {
        Augmentation whole = new() { SmallestScale = 1, NarrowestRatio = 1 };
        Preprocessor preprocessor = new(s_pad, whole);
        byte[] file = Pictures.Gradient(300, 100).WriteToBuffer(".png");
        byte[] planes = new byte[20 * preprocessor.PixelBytes];
        ImageView[] views = [.. Enumerable.Range(1, 20).Select(i => new ImageView((uint)i, 3))];
        preprocessor.Render(file, "picture", views, planes);

        byte[][] different = [.. planes.Chunk(preprocessor.PixelBytes).DistinctBy(Convert.ToHexString)];

        Assert.Equal(2, different.Length);
        byte[] mirrored = [.. different[1].Chunk(Side).SelectMany(row => row.Reverse())];
        Assert.InRange(Pictures.MeanDifference(different[0], mirrored), 0, Tolerance);
    }

    // Red on the left or top half, blue on the other.
    private static byte[] Halves(int width, int height)
    {
        bool isWide = width > height;
        using Image red = Colour(isWide ? width / 2 : width, isWide ? height : height / 2, 255, 0);
        using Image blue = Colour(isWide ? width / 2 : width, isWide ? height : height / 2, 0, 255);
        using Image both = red.Join(blue, isWide ? Enums.Direction.Horizontal : Enums.Direction.Vertical);
        return both.WriteToBuffer(".png");
    }

    private static Image Colour(int width, int height, double red, double blue) =>
        (Image.Black(width, height, bands: 3) + new[] { red, 0, blue })
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);

    private static (int Red, int Green, int Blue) Pixel(byte[] planes, int x, int y)
    {
        int at = (y * Side) + x;
        return (planes[at], planes[(Side * Side) + at], planes[(2 * Side * Side) + at]);
    }

    // Share of a view's pixels whose channel is full.
    private static double Share(byte[] view, int channel) =>
        view.AsSpan(channel * Side * Side, Side * Side).Count((byte)255) / (double)(Side * Side);
}
