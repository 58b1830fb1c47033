using System.Text.Json;
using Graft.Imaging;

namespace Graft.Tests.Imaging;

public sealed class GoldenCropTests(ITestOutputHelper output)
{
    /// <summary>
    /// Largest mean absolute difference in levels of 255. The pinned libvips returns exactly Pillow's pixels; the
    /// system's libvips may have another JPEG decoder.
    /// </summary>
    private const double LevelTolerance = 0.01;

    public static TheoryData<int> Crops => [.. Enumerable.Range(0, 13)];

    [Theory]
    [MemberData(nameof(Crops))]
    public void The_plain_view_is_the_crop_that_torchvision_made(int index)
    {
        using JsonDocument golden = JsonDocument.Parse(
            File.ReadAllBytes(SharedData.Find("golden/real_efficientnet_lite0.json"))
        );
        JsonElement image = golden.RootElement.GetProperty("images")[index];
        Preprocessor preprocessor = new(new Preprocessing());
        byte[] expected = Pictures.Planes(SharedData.Find("golden/" + image.GetProperty("crop").GetString()!));

        byte[] planes = preprocessor.Render(SharedData.Find(image.GetProperty("made_from").GetString()!));

        double difference = Pictures.MeanDifference(expected, planes);
        output.WriteLine(
            $"{index}: mean absolute difference {difference:0.0000} levels, "
                + $"largest {expected.Zip(planes, (a, b) => Math.Abs(a - b)).Max()}"
        );
        Assert.InRange(difference, 0, LevelTolerance);
    }
}
