using Graft.Training.Doctor;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Doctor;

[Collection("torch")]
public sealed class FeatureComparisonTests
{
    private const int FeatureCount = 8;

    [Fact]
    public void Only_the_most_similar_pairs_are_kept_if_nearly_all_images_are_alike()
    {
        const int Count = 1500; // more than one tile; 1.1 million pairs
        float[] rows =
        [
            .. Enumerable
                .Range(0, Count * FeatureCount)
                .Select(i => 1 + (0.05f * MathF.Sin(i * 0.7f * (1 + (i % FeatureCount))))),
        ];
        rows.AsSpan(7 * FeatureCount, FeatureCount).CopyTo(rows.AsSpan(1400 * FeatureCount)); // one identical pair

        (float[] strangers, IReadOnlyList<ClosePair> close) = FeatureComparison.Run(
            Images(Count),
            FeatureMatrix.Of(rows, Count),
            0.9f,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(ClosePairs.MaxCount, close.Count);
        Assert.Contains((7, 1400), close.Select(pair => (pair.First, pair.Second)));
        double least = close[^1].Similarity;
        Assert.True(least > 0.999, $"{least}"); // all 1.1 million pairs are above 0.98
        Assert.All(strangers, similarity => Assert.InRange(similarity, 0.98, 1.0001));
    }

    [Fact]
    public void Every_close_pair_of_a_few_images_is_kept_once()
    {
        float[] rows = [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0.1f, 0, 0, 0, 0, 0, 0];

        (_, IReadOnlyList<ClosePair> close) = FeatureComparison.Run(
            Images(3),
            FeatureMatrix.Of(rows, 3),
            0.9f,
            TestContext.Current.CancellationToken
        );

        Assert.Equal((0, 2), Assert.Single(close.Select(pair => (pair.First, pair.Second))));
    }

    private static LabelledImage[] Images(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new LabelledImage($"{i}.png", i % 2 == 0 ? "even" : "odd")
                {
                    File = $"{i}.png",
                    ContentHash = $"{i:x64}",
                }),
        ];
}
