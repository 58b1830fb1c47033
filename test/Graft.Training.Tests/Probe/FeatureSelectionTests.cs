using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

public sealed class FeatureSelectionTests
{
    private static readonly int[] s_labels = [.. Enumerable.Range(0, 100).Select(i => i % 2)];

    [Theory]
    [InlineData(2.0, 3.0, 1)] // more certain, and right
    [InlineData(3.0, 2.0, 0)]
    [InlineData(2.0, 2.0, 0)] // the same: the simpler one
    [InlineData(2.0, 2.05, 0)] // less than one image in all
    public void More_features_must_lower_the_held_out_loss(double plain, double wide, int winner) =>
        Assert.Equal(winner, FeatureSelection.Best([Score(plain, _ => 1), Score(wide, _ => 1)]));

    [Fact]
    public void The_simplest_within_a_standard_error_of_the_best_wins() =>
        Assert.Equal(
            1,
            FeatureSelection.Best([Score(1, _ => 1), Score(3.01, _ => 1), Score(2, _ => 1), Score(3.02, _ => 1)])
        );

    [Fact]
    public void A_gain_within_a_standard_error_does_not_count() =>
        // half of the images gain, and half lose nearly as much
        Assert.Equal(0, FeatureSelection.Best([Score(1, _ => 1), Score(1, image => image % 10 < 5 ? 2.2 : -0.0)]));

    [Fact]
    public void Images_that_were_never_held_out_do_not_count()
    {
        OutOfFoldScore plain = Score(2, image => image < 50 ? double.NaN : 1);
        OutOfFoldScore wide = Score(3, image => image < 50 ? double.NaN : 1);

        TrialTable table = FeatureSelection.Table(
            [("few", plain), ("many", wide)],
            FeatureSelection.Best([plain, wide])
        );

        Assert.Equal([false, true], table.Trials.Select(trial => trial.IsChosen));
        Assert.Equal(["few", "many"], table.Trials.Select(trial => trial.Choice));
        Assert.Equal(1, table.Trials[0].Accuracy);
        Assert.Equal(Math.Log(1 + Math.Exp(-2)), table.Trials[0].Loss, 1e-12);
        Assert.Contains("50 images", table.Rule, StringComparison.Ordinal);
    }

    // Logits of two classes with this margin for the right one; those of the second view are never scored.
    private static OutOfFoldScore Score(double margin, Func<int, double> factor) =>
        OutOfFoldScore.Of(
            [
                .. s_labels.SelectMany(
                    (label, image) =>
                        (double[])
                            [label == 0 ? margin * factor(image) : 0, label == 1 ? margin * factor(image) : 0, 99, -99]
                ),
            ],
            s_labels,
            views: 2
        );
}
