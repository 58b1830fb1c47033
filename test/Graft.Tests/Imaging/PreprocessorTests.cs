using System.Text.Json;
using Graft.Imaging;
using NetVips;

namespace Graft.Tests.Imaging;

public sealed class PreprocessorTests(ITestOutputHelper output)
{
    /// <summary>
    /// Largest mean difference in levels between resizing at once and shrinking while decoding, for photographs. JPEG's
    /// own noise is as large.
    /// </summary>
    private const double ShrinkTolerance = 1;

    private static readonly Preprocessing Recipe = new();

    [Theory]
    [InlineData("data/hymenoptera/val/ants/10308379_1b6c72e180.jpg")]
    [InlineData("data/hymenoptera/val/bees/1032546534_06907fe3b3.jpg")]
    [InlineData("data/flowers17/10_sunflower/image_0721.jpg")]
    public void Shrinking_while_decoding_is_invisible(string photograph)
    {
        // The photographs are small, but large for the input of a small network.
        Preprocessing small = Recipe with { Width = 64, Height = 64, ResizeShorter = 72 };
        byte[] file = File.ReadAllBytes(SharedData.Find(photograph));
        byte[] shrunk = new Preprocessor(small).Render(file);
        using Image whole = Image.NewFromBuffer(file);
        byte[] exact = new Preprocessor(small).Render(WithoutShrink(whole));

        double difference = Pictures.MeanDifference(exact, shrunk);

        output.WriteLine($"{photograph}: {difference:0.000}");
        Assert.InRange(difference, 1e-6, ShrinkTolerance); // 0 would mean that nothing was shrunk while decoding
    }

    [Fact]
    public void Paths_streams_and_bytes_lead_to_the_same_pixels()
    {
        using TemporaryFolder folder = new();
        byte[] file = Pictures.Gradient(300, 260).WriteToBuffer(".jpg");
        string path = folder.Write("a.jpg", file);
        using FileStream stream = File.OpenRead(path);
        Preprocessor preprocessor = new(Recipe);

        byte[] planes = preprocessor.Render(file);

        Assert.Equal(preprocessor.PixelBytes, planes.Length);
        Assert.Equal(planes, preprocessor.Render(path));
        Assert.Equal(planes, preprocessor.Render(stream));
    }

    [Fact]
    public void Planes_are_red_green_blue_whatever_the_networks_order()
    {
        byte[] file = (Image.Black(300, 300, bands: 3) + new double[] { 10, 100, 200 })
            .Cast(Enums.BandFormat.Uchar)
            .WriteToBuffer(".png");

        byte[] planes = new Preprocessor(Recipe with { Order = ChannelOrder.Bgr }).Render(file);

        Assert.All(planes[..(224 * 224)], level => Assert.Equal(10, level));
        Assert.All(planes[(224 * 224)..(2 * 224 * 224)], level => Assert.Equal(100, level));
        Assert.All(planes[(2 * 224 * 224)..], level => Assert.Equal(200, level));
    }

    [Fact]
    public void Squashing_shows_all_of_the_image_and_cropping_its_middle()
    {
        byte[] file = Pictures.Gradient(512, 256).WriteToBuffer(".png");

        byte[] squashed = new Preprocessor(Recipe with { Resize = ResizeRule.Squash }).Render(file);
        byte[] cropped = new Preprocessor(Recipe).Render(file);

        Assert.InRange(squashed[0], 0, 2);
        Assert.InRange(squashed[223], 253, 255);
        Assert.InRange(cropped[0], 70, 73); // 144 of 512 pixels are cut off on each side
        Assert.InRange(cropped[223], 182, 185);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5000)]
    [InlineData(20_000, 2)]
    [InlineData(224, 224)]
    public void Images_of_any_shape_are_rendered(int width, int height)
    {
        byte[] file = (Image.Black(width, height, bands: 3) + new double[] { 10, 100, 200 })
            .Cast(Enums.BandFormat.Uchar)
            .WriteToBuffer(".png");
        Preprocessor preprocessor = new(Recipe);
        byte[] planes = new byte[2 * preprocessor.PixelBytes];

        preprocessor.Render(file, "picture", [ImageView.Plain, new ImageView(1, 5)], planes);

        Assert.All(planes.Chunk(224 * 224).Select((plane, i) => (plane, level: new[] { 10, 100, 200 }[i % 3])), one =>
            Assert.All(one.plane, level => Assert.Equal(one.level, level))
        );
    }

    [Theory]
    [InlineData(300, 240)] // decoded once
    [InlineData(2400, 1800)] // the plain view is shrunk further than the crops
    public void A_view_is_the_same_alone_and_among_others(int width, int height)
    {
        byte[] file = Pictures.Gradient(width, height).WriteToBuffer(".jpg");
        Preprocessor preprocessor = new(Recipe);
        ImageView[] views = [new(3, 9), ImageView.Plain, new(1, 9), new(2, 9), ImageView.Plain];

        byte[] together = RenderedViews.AssertSameAlone(preprocessor, file, views);

        int size = preprocessor.PixelBytes;
        Assert.Equal(preprocessor.Render(file), together.AsSpan(size, size).ToArray());
    }

    [Fact]
    public void Views_differ_by_number_seed_and_image_content()
    {
        Preprocessor preprocessor = new(Recipe);
        byte[] file = Pictures.Gradient(300, 240).WriteToBuffer(".png");
        // the same pixels in other bytes
        byte[] other = Pictures.Gradient(300, 240).WriteToBuffer(".png[compression=1]");
        List<byte[]> rendered = [];

        foreach (
            (byte[] bytes, ImageView view) in new[]
            {
                (file, ImageView.Plain),
                (file, new ImageView(1, 1)),
                (file, new ImageView(2, 1)),
                (file, new ImageView(1, 2)),
                (other, new ImageView(1, 1)),
            }
        )
        {
            byte[] planes = new byte[preprocessor.PixelBytes];
            preprocessor.Render(bytes, "picture", [view], planes);
            rendered.Add(planes);
        }

        Assert.Equal(rendered.Count, rendered.Select(Convert.ToBase64String).Distinct().Count());
    }

    [Fact]
    public void A_random_view_shows_the_window_that_was_drawn()
    {
        const int Size = 400;
        byte[] file = Pictures.Gradient(Size, Size).WriteToBuffer(".png");
        Augmentation augmentation = new();
        Preprocessor preprocessor = new(Recipe, augmentation);
        byte[] planes = new byte[preprocessor.PixelBytes];
        for (uint number = 1; number <= 8; number++)
        {
            ImageView view = new(number, 4);
            CropWindow crop = augmentation.Draw(Size, Size, Preprocessor.KeyOf(file), view);

            preprocessor.Render(file, "picture", [view], planes);

            int left = 255 * crop.Left / (Size - 1);
            int right = 255 * (crop.Left + crop.Width - 1) / (Size - 1);
            int top = 255 * crop.Top / (Size - 1);
            Assert.InRange(planes[crop.IsMirrored ? 223 : 0], left - 2, left + 2);
            Assert.InRange(planes[crop.IsMirrored ? 0 : 223], right - 2, right + 2);
            Assert.InRange(planes[224 * 224], top - 2, top + 2);
        }
    }

    [Fact]
    public void Preprocessing_survives_json_and_names_all_problems_at_once()
    {
        Preprocessing vgg = new()
        {
            Interpolation = Interpolation.Bilinear,
            Order = ChannelOrder.Bgr,
            Mean = new(123.68f, 116.779f, 103.939f),
            Deviation = new(1, 1, 1),
        };

        Assert.Equal(vgg, JsonSerializer.Deserialize<Preprocessing>(JsonSerializer.Serialize(vgg)));
        GraftException error = Assert.Throws<GraftException>(() =>
            new Preprocessor(new() { Width = 1_000_000, Deviation = new(1, 0, 1) })
        );
        Assert.Contains("input 1000000 x 224", error.Message, StringComparison.Ordinal);
        Assert.Contains("deviation above 0", error.Message, StringComparison.Ordinal);
    }

    // BMP is never shrunk while it is decoded: the exact resize does all the work.
    private static byte[] WithoutShrink(Image whole)
    {
        byte[] mixed = Pictures.Pixels(whole);
        return BmpFiles.Bits24(whole.Width, whole.Height, mixed);
    }
}
