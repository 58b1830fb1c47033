using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class StandardisationTests
{
    [Fact]
    public void A_scale_lies_halfway_between_a_features_spread_and_the_mean_spread()
    {
        // Population deviations 2, 1 and 0, mean 1.
        float[] features = [1, 5, 7, 5, 7, 7];

        Standardisation found = Standardisation.Of(FeatureMatrix.Of(features, features.Length / 3));

        Assert.Equal([3, 6, 7], found.Mean);
        Assert.Equal(1.5, found.Scale[0], 12);
        Assert.Equal(1, found.Scale[1], 12);
        Assert.Equal(0.5, found.Scale[2], 12);
    }

    [Fact]
    public void A_group_of_features_has_a_mean_spread_of_its_own()
    {
        // Population deviations 2 and 1; 0; 10.
        float[] features = [1, 5, 7, 10, 5, 7, 7, 30];

        Standardisation found = Standardisation.Of(FeatureMatrix.Of(features, 2, groups: [2, 1, 1]));

        Assert.Equal([1.75, 1.25, 1, 10], found.Scale);
    }

    [Fact]
    public void A_folded_layer_gives_the_same_output_on_raw_features()
    {
        float[] raw = [1, 5, 7, 5, 7, 9];
        Standardisation standardisation = Standardisation.Of(FeatureMatrix.Of(raw, raw.Length / 3));
        LinearLayer layer = new(2, 3, [1, -2, 3, 0.5, 0.25, -1], [0.1, -0.2]);
        float[] standard =
        [
            .. raw.Select((value, i) => (float)((value - standardisation.Mean[i % 3]) / standardisation.Scale[i % 3])),
        ];

        double[] expected = layer.Logits(standard);
        double[] folded = standardisation.Fold(layer).Logits(raw);

        // the standardised values were rounded to float32
        Assert.InRange(ProbeTestData.LargestDifference(expected, folded), 0, 1e-5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_feature_that_is_not_finite_is_named(float bad)
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            Standardisation.Of(FeatureMatrix.Of([1, 2, 3, 4, bad, 6], 2))
        );

        Assert.Contains($"feature 1 of image 1 is {bad}", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Identical_images_are_refused()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            Standardisation.Of(FeatureMatrix.Of([1, 2, 1, 2], 2))
        );

        Assert.Contains("told apart", error.Message);
    }
}
