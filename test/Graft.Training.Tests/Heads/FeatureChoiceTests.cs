using Graft.Training.Heads;
using Graft.Training.Runs;

namespace Graft.Training.Tests.Heads;

public sealed class FeatureChoiceTests
{
    private static readonly int[] s_labels = [.. Enumerable.Range(0, 100).Select(i => i % 2)];

    [Theory]
    [InlineData(2.0, 3.0, true)]      // surer and right
    [InlineData(3.0, 2.0, false)]
    [InlineData(2.0, 2.0, false)]     // the same: the simpler one
    [InlineData(2.0, 2.05, false)]    // less than one image in all
    public void More_features_have_to_lower_the_loss_out_of_fold(double plain, double wide, bool isBetter)
    {
        Assert.Equal(isBetter, FeatureChoice.IsBetter(Probe(wide, 20, _ => 1), Probe(plain, 10, _ => 1), s_labels, 2, out TrialTable table));
        Assert.Equal([!isBetter, isBetter], table.Trials.Select(trial => trial.IsChosen));
        Assert.StartsWith("10 averages", table.Trials[0].Choice, StringComparison.Ordinal);
        Assert.StartsWith("and 10", table.Trials[1].Choice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gain_within_a_standard_error_is_none()
    {
        ProbeResult plain = Probe(1, 10, _ => 1);
        ProbeResult wide = Probe(1, 20, image => image % 10 < 5 ? 2.2 : -0.0);   // half of the images gain, half lose nearly as much

        Assert.False(FeatureChoice.IsBetter(wide, plain, s_labels, 2, out _));
    }

    [Fact]
    public void Images_that_were_never_held_out_do_not_count()
    {
        ProbeResult wide = Probe(3, 20, image => image < 50 ? double.NaN : 1);

        Assert.True(FeatureChoice.IsBetter(wide, Probe(2, 10, image => image < 50 ? double.NaN : 1), s_labels, 2, out TrialTable table));
        Assert.Contains("50 images", table.Rule, StringComparison.Ordinal);
    }

    // Logits of two classes that favour the right one by so much; the second view's are nonsense, which nobody scores.
    private static ProbeResult Probe(double margin, int features, Func<int, double> factor)
    {
        double[] logits = [.. s_labels.SelectMany((label, image) => (double[])[label == 0 ? margin * factor(image) : 0, label == 1 ? margin * factor(image) : 0, 99, -99])];
        return new(new LinearLayer(2, features, new double[2 * features], new double[2]), new Standardisation(new double[features], new double[features]), 1, [], logits, 0, true);
    }
}
