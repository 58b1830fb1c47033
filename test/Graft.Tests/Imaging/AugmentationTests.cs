using Graft.Imaging;

namespace Graft.Tests.Imaging;

public sealed class AugmentationTests
{
    private const int Draws = 2000;

    [Theory]
    [InlineData(640, 480)]
    [InlineData(480, 640)]
    [InlineData(500, 500)]
    public void Crops_lie_inside_the_image_and_keep_scale_and_ratio(int width, int height)
    {
        CropWindow[] crops = Crops(new(), width, height);

        Assert.All(crops, crop =>
        {
            Assert.InRange(crop.Left, 0, width - crop.Width);
            Assert.InRange(crop.Top, 0, height - crop.Height);
            Assert.InRange((double)crop.Width * crop.Height / (width * height), 0.345, 1);
            Assert.InRange((double)crop.Width / crop.Height, 0.745, 1.345);
            Assert.True(Math.Min(crop.Width, crop.Height) >= new Augmentation().ShortestCropSide(width, height) - 1);
        });
        // draws cover the whole range
        Assert.InRange(crops.Min(crop => (double)crop.Width * crop.Height / (width * height)), 0.345, 0.36);
        Assert.InRange(crops.Min(crop => (double)crop.Width / crop.Height), 0.745, 0.76);
        Assert.InRange(crops.Max(crop => (double)crop.Width / crop.Height), 1.32, 1.345);
    }

    [Fact]
    public void Half_of_the_views_are_mirrored_and_none_without_flip()
    {
        int mirrored = Crops(new(), 640, 480).Count(crop => crop.IsMirrored);

        Assert.InRange(mirrored, (Draws / 2) - 90, (Draws / 2) + 90); // four standard deviations
        Assert.DoesNotContain(Crops(new() { Flip = false }, 640, 480), crop => crop.IsMirrored);
    }

    [Fact]
    public void A_very_long_image_is_cropped_in_the_middle()
    {
        Assert.All(Crops(new() { SmallestScale = 0.9 }, 3000, 30), crop =>
            Assert.Equal((1480, 0, 40, 30), (crop.Left, crop.Top, crop.Width, crop.Height))
        );
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Assert.Throws<GraftException>(() => new Augmentation { SmallestScale = 0 }.Checked());
        Assert.Throws<GraftException>(() => new Augmentation { LargestScale = 0.1 }.Checked());
        Assert.Throws<GraftException>(() => new Augmentation { NarrowestRatio = double.NaN }.Checked());
    }

    private static CropWindow[] Crops(Augmentation augmentation, int width, int height) =>
        [
            .. Enumerable
                .Range(1, Draws)
                .Select(number => augmentation.Draw(width, height, 77, new ImageView((uint)number, 5))),
        ];
}
