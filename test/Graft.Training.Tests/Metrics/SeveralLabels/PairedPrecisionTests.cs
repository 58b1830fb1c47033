using Graft.Training.Metrics;

namespace Graft.Training.Tests.Metrics;

public sealed class PairedPrecisionTests
{
    private const int Images = 80;
    private const int Classes = 3;

    private static readonly TrueLabels s_labels = TrueLabels.OfSets(
        [.. Enumerable.Range(0, Images * Classes).Select(i => (byte)(i * 7 % 10 < 3 ? 1 : 0))],
        Classes
    );

    [Fact]
    public void Equal_models_differ_by_nothing()
    {
        float[] scores = Scores(1, noise: 0.8);

        PairedDifference difference = PairedPrecision.Of(scores, scores, s_labels);

        Assert.Equal((0, 1, false), (difference.Value, difference.PValue, difference.IsDifference));
        Assert.Equal(new Interval(0, 0), difference.Interval);
    }

    [Fact]
    public void A_better_model_is_shown_to_be_better_and_the_other_way_round()
    {
        float[] better = Scores(1, noise: 0.5);
        float[] worse = Scores(2, noise: 2);

        PairedDifference difference = PairedPrecision.Of(better, worse, s_labels);
        PairedDifference reversed = PairedPrecision.Of(worse, better, s_labels);

        double expected = Mean(better) - Mean(worse);
        Assert.Equal(expected, difference.Value, 1e-12);
        Assert.InRange(difference.Interval.Low, 0, expected);
        Assert.InRange(difference.Interval.High, expected, 1);
        Assert.True(difference.IsDifference);
        Assert.Equal((-difference.Value, difference.PValue), (reversed.Value, reversed.PValue));
    }

    [Fact]
    public void The_same_images_give_the_same_figures() =>
        Assert.Equal(
            PairedPrecision.Of(Scores(1, 0.8), Scores(2, 0.8), s_labels),
            PairedPrecision.Of(Scores(1, 0.8), Scores(2, 0.8), s_labels)
        );

    [Fact]
    public void Equally_good_models_are_seldom_called_different()
    {
        int called = Enumerable
            .Range(0, 60)
            .Count(i => PairedPrecision.Of(Scores(2 * i, 1), Scores((2 * i) + 1, 1), s_labels).IsDifference);

        Assert.InRange(called, 0, 9); // 3 are expected of tests at 5 %
    }

    [Fact]
    public void A_class_that_no_image_has_takes_no_part()
    {
        TrueLabels labels = TrueLabels.OfSets([1, 0, 0, 0, 1, 0, 0, 0], 2);
        float[] first = [0.9f, 0.1f, 0.2f, 0.9f, 0.8f, 0.1f, 0.3f, 0.1f];
        float[] second = [0.9f, 0.9f, 0.2f, 0.1f, 0.8f, 0.5f, 0.3f, 0.2f];

        Assert.Equal(0, PairedPrecision.Of(first, second, labels).Value);
    }

    private static double Mean(float[] scores) =>
        AveragePrecision.Mean(Array.ConvertAll(scores, score => (double)score), s_labels, Classes);

    private static float[] Scores(int seed, double noise)
    {
        Random random = new(seed);
        return
        [
            .. Enumerable
                .Range(0, Images * Classes)
                .Select(i =>
                    (float)((s_labels.Has(i / Classes, i % Classes) ? 1 : 0) + (noise * (random.NextDouble() - 0.5)))
                ),
        ];
    }
}
