using System.Runtime.InteropServices;
using Graft.Imaging;
using Graft.Training.Bodies;
using Graft.Training.Tests.Weights;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Bodies;

public sealed class KerasNormalisationTests
{
    private static readonly Preprocessing s_usual = PreprocessingPresets.ImageNet(256, 224);

    [Fact]
    public void The_published_file_gives_ImageNets_preprocessing()
    {
        Preprocessing preprocessing = KerasNormalisation.Apply(
            File([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f], ":0"),
            s_usual
        );

        Assert.Equal(s_usual, preprocessing);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":0")]
    public void A_network_trained_without_normalisation_takes_pixels_in_0_to_1(string suffix)
    {
        Preprocessing preprocessing = KerasNormalisation.Apply(File([0, 0, 0], [1, 1, 1], suffix), s_usual);

        Assert.Equal(
            (new PerChannel(0, 0, 0), new PerChannel(255, 255, 255)),
            (preprocessing.Mean, preprocessing.Deviation)
        );
    }

    [Fact]
    public void A_network_adapted_to_other_images_keeps_their_mean_and_deviation()
    {
        Preprocessing preprocessing = KerasNormalisation.Apply(
            File([0.5f, 0.4f, 0.3f], [0.04f, 0.09f, 0.16f], ""),
            s_usual
        );

        Assert.Equal(255 * 0.4f, preprocessing.Mean.Green);
        Assert.Equal(255 * 0.3f, preprocessing.Deviation.Green, 1e-3f);
    }

    [Fact]
    public void A_file_without_the_layer_has_the_usual_preprocessing() =>
        Assert.Same(
            s_usual,
            KerasNormalisation.Apply(
                Networks.FileOf([Networks.Numbered("stem_conv/kernel", 3, 3, 3, 32)], isChannelsLast: true),
                s_usual
            )
        );

    private static WeightFile File(float[] mean, float[] variance, string suffix) =>
        Networks.FileOf(
            [
                Tensor($"efficientnetb0/normalization/mean{suffix}", mean),
                Tensor($"efficientnetb0/normalization/variance{suffix}", variance),
            ],
            isChannelsLast: true
        );

    private static WeightTensor Tensor(string name, float[] values) =>
        new(name, WeightType.Float32, [3], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
