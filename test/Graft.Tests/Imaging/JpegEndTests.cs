using Graft.Imaging;
using NetVips;

namespace Graft.Tests.Imaging;

public sealed class JpegEndTests
{
    // 97 rows: the last row of blocks holds a single one
    [Theory]
    [InlineData(96, ".jpg[Q=90]", 1)]
    [InlineData(96, ".jpg[Q=90,interlace]", 1)]
    [InlineData(97, ".jpg[Q=90]", 1)]
    [InlineData(97, ".jpg[Q=95,subsample_mode=off]", 1)]
    [InlineData(97, ".jpg[Q=90]", 8)]
    [InlineData(96, ".jpg[Q=90,interlace]", 4)]
    public void Only_the_end_marker_may_be_missing(int height, string format, int shrink)
    {
        byte[] whole = Picture(height).WriteToBuffer(format);
        using DecodedImage expected = ImageDecoder.Decode(whole, "whole", shrink: (_, _) => shrink);

        foreach (int missing in (int[])[1, 2])
        {
            using DecodedImage decoded = ImageDecoder.Decode(whole[..^missing], "cut", shrink: (_, _) => shrink);

            Assert.True(decoded.Header.LacksEndMarker);
            Assert.Equal(expected.Pixels, decoded.Pixels);
        }

        Assert.False(expected.Header.LacksEndMarker);
        for (int missing = 4; missing < 300; missing += missing < 30 ? 1 : 37)
        {
            ImageException error = Assert.Throws<ImageException>(() =>
                ImageDecoder.Decode(whole[..^missing], "cut", shrink: (_, _) => shrink)
            );
            Assert.Equal((missing, ImageFault.Truncated), (missing, error.Fault));
        }
    }

    [Fact]
    public void A_progressive_file_that_lacks_its_last_scans_is_cut()
    {
        byte[] whole = Picture(96).WriteToBuffer(".jpg[Q=90,interlace]");
        int[] scans = [.. Enumerable.Range(0, whole.Length - 1).Where(i => whole[i] == 0xFF && whole[i + 1] == 0xDA)];

        Assert.True(scans.Length > 4);
        foreach (int scan in scans[1..])
        {
            ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(whole[..scan]));
            Assert.Equal(ImageFault.Truncated, error.Fault);
        }
    }

    [Fact]
    public void A_prediction_says_that_the_end_marker_is_missing()
    {
        using Graft.Prediction.Predictor predictor = Graft.Prediction.Predictor.Load(TinyClassifier.Model(), "tiny");
        byte[] whole = Picture(96).WriteToBuffer(".jpg[Q=90]");

        Graft.Prediction.ImagePrediction cut = predictor.Predict(whole[..^2]);

        Assert.Equal("the JPEG file lacks its end marker; all its pixels are there", cut.Note);
        Assert.Null(predictor.Predict(whole).Note);
        Assert.Equal(predictor.Predict(whole).Scores, cut.Scores);
    }

    private static Image Picture(int height)
    {
        using Image noise = Image.Gaussnoise(130, height, mean: 0, sigma: 30, seed: 5);
        using Image picture = (Pictures.Gradient(130, height) + noise).Cast(Enums.BandFormat.Uchar);
        return picture.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }
}
