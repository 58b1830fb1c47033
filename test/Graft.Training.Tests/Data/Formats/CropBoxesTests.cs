using System.Globalization;
using Graft.Imaging;

namespace Graft.Training.Tests.Data;

/// <summary>Boxes of COCO annotations as images of their own.</summary>
public sealed class CropBoxesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_box_becomes_an_image_with_its_pixels()
    {
        Write((3, "[0,0,2,1]"), (4, "[1,1,2,2]"));

        ImageSet set = Load();

        Assert.Equal(["1.bmp#0 = cat", "1.bmp#1 = dog"], SampleImages.Describe(set));
        Assert.Equal(Picture(2, 1, (0, 0), (1, 0)), Decode(set.Images[0]));
        Assert.Equal(Picture(2, 2, (1, 1), (2, 1), (1, 2), (2, 2)), Decode(set.Images[1]));
    }

    [Fact]
    public void Boxes_of_one_picture_stay_together()
    {
        Write((3, "[0,0,2,1]"), (4, "[1,1,2,2]"));

        Assert.All(Load().Images, image => Assert.Equal("1.bmp", image.Group));
    }

    [Fact]
    public void A_box_is_cut_to_the_picture_and_one_outside_is_rejected()
    {
        Write((3, "[2,2,50,50]"), (3, "[9,9,2,2]"));

        ImageSet set = Load();

        Assert.Equal(Picture(1, 1, (2, 2)), Decode(Assert.Single(set.Images)));
        Assert.Contains("its box lies outside the picture", Assert.Single(set.Rejected).Reason);
    }

    [Theory]
    [InlineData("[1,2,3]")]
    [InlineData("[1,2,3,\"x\"]")]
    [InlineData("null")]
    public void A_box_without_four_numbers_stops_with_its_annotation(string box)
    {
        Write((3, box));

        GraftException stop = Assert.Throws<GraftException>(() => Load());
        Assert.Contains("annotation 0 of 'coco.json' has no bbox of four numbers", stop.Message);
    }

    [Fact]
    public void Boxes_cannot_be_asked_of_class_folders()
    {
        _ = folder.Write("cat/1.png", SampleImages.Picture(1));

        GraftException stop = Assert.Throws<GraftException>(() => Load());
        Assert.Contains("no COCO annotations whose boxes could be cropped", stop.Message);
    }

    // a picture of 3 x 3 pixels whose colours tell their places
    private void Write(params (int Category, string Box)[] annotations)
    {
        byte[] pixels = Pixels([.. Enumerable.Range(0, 9).Select(i => (i % 3, i / 3))]);
        _ = folder.Write("1.bmp", Graft.Training.Data.Bitmap.Encode(pixels, 3, (0, 0, 3, 3)));
        string[] written =
        [
            .. annotations.Select(
                (one, id) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"id":{{id}},"image_id":7,"category_id":{{one.Category}},"bbox":{{one.Box}}}"""
                    )
            ),
        ];
        _ = folder.Write(
            "coco.json",
            $$"""
            {"images":[{"id":7,"file_name":"1.bmp"}],"annotations":[{{string.Join(',', written)}}],
             "categories":[{"id":3,"name":"cat"},{"id":4,"name":"dog"}]}
            """
        );
    }

    private ImageSet Load() => SampleImages.Load(folder.Root, new DataOptions { CropBoxes = true });

    private static byte[] Pixels(params (int X, int Y)[] places) =>
        [.. places.SelectMany(place => new byte[] { (byte)(place.X * 50), (byte)(place.Y * 50), 7 })];

    private static string Picture(int width, int height, params (int X, int Y)[] places) =>
        $"{width} x {height}: {Convert.ToHexString(Pixels(places))}";

    private static string Decode(LabelledImage image)
    {
        byte[] bytes = image.ReadBytes(new DecodeLimits(), TestContext.Current.CancellationToken);
        using DecodedImage decoded = ImageDecoder.Decode(bytes, image.Name);
        return $"{decoded.Width} x {decoded.Height}: {Convert.ToHexString(decoded.Pixels)}";
    }
}
