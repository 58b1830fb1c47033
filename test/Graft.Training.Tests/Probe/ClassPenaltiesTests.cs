using Graft.Infrastructure;
using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class ClassPenaltiesTests
{
    private const int Rows = 240;
    private const int Features = 40;

    [Fact]
    public void Classes_that_need_different_penalties_get_their_own()
    {
        (ProbeTrainingSet rows, int[] folds) = Set(isSecondNoise: true);

        ProbeResult probe = ProbeSearch.Run(rows, folds, null, TestContext.Current.CancellationToken);

        Assert.NotNull(probe.ClassInverseL2);
        Assert.True(
            probe.ClassInverseL2[0] > 3 * probe.ClassInverseL2[1],
            $"{probe.ClassInverseL2[0]} and {probe.ClassInverseL2[1]}"
        );
        ProbeResult kept = ProbeCodec.FromBytes(ProbeCodec.ToBytes(probe))!;
        Assert.Equal(probe.ClassInverseL2, kept.ClassInverseL2);
        Assert.Equal(probe.OutOfFoldLogits, kept.OutOfFoldLogits);
    }

    [Fact]
    public void Classes_alike_share_one_penalty()
    {
        (ProbeTrainingSet rows, int[] folds) = Set(isSecondNoise: false);

        Assert.Null(ProbeSearch.Run(rows, folds, null, TestContext.Current.CancellationToken).ClassInverseL2);
    }

    [Fact]
    public void A_fit_with_the_penalties_of_a_probe_is_the_probe_s_layer()
    {
        (ProbeTrainingSet rows, int[] folds) = Set(isSecondNoise: true);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ProbeResult probe = ProbeSearch.Run(rows, folds, null, cancel);

        double[] again = ProbeSearch.FitWithPenalty(rows, probe.InverseL2, probe.ClassInverseL2, null, cancel).Weight;

        GoldenLabels.Near(probe.Layer.Weight, again, 1e-3);
    }

    // The first class is decided by the sum of two features; the second by another sum, or by a coin.
    private static (ProbeTrainingSet Rows, int[] Folds) Set(bool isSecondNoise)
    {
        CountedRandom random = new(3, RandomPurpose.HeadValues);
        float[] features = new float[Rows * Features];
        byte[] sets = new byte[Rows * 2];
        uint draw = 0;
        for (int n = 0; n < Rows; n++)
        {
            for (int f = 0; f < Features; f++)
            {
                features[(n * Features) + f] = (float)random.Normal(draw++);
            }

            ReadOnlySpan<float> row = features.AsSpan(n * Features, Features);
            sets[2 * n] = (byte)(row[0] + row[1] > 0 ? 1 : 0);
            bool second = isSecondNoise ? random.Uniform(draw++) < 0.5 : row[2] + row[3] > 0;
            sets[(2 * n) + 1] = (byte)(second ? 1 : 0);
        }

        return (new(features, TrueLabels.OfSets(sets, 2), 2), [.. Enumerable.Range(0, Rows).Select(n => n % 4)]);
    }
}
