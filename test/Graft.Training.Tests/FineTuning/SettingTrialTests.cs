using Graft.Onnx;
using Graft.Training.FineTuning;
using Graft.Training.Probe;

namespace Graft.Training.Tests.FineTuning;

public sealed class SettingTrialTests
{
    private const int Images = 40;
    private static readonly CutPoint s_cut = new("e", "Relu", [8], 10, 10, 50, 50);
    private static readonly int[] s_labels = [.. Enumerable.Range(0, Images).Select(n => n % 2)];

    [Fact]
    public void Another_setting_must_be_better_by_more_than_the_standard_error()
    {
        SettingTrial usual = Trial(0.01, n => Wavering(n, 1));

        Assert.True(Trial(0.003, n => 2 + Wavering(n, 1)).Beats(usual, out WeightedMean gain));
        Assert.True(gain.Mean > gain.StandardError);
        Assert.False(Trial(0.003, n => Wavering(n, 1)).Beats(usual, out _)); // equal answers
        Assert.False(Trial(0.003, n => 0.02 + Wavering(n, 1)).Beats(usual, out _)); // other answers, hardly better
    }

    [Fact]
    public void A_higher_rate_wins_only_where_the_default_one_crawls()
    {
        SettingTrial faster = Trial(0.03, n => 3 + Wavering(n, 1));

        // more than half of the way is done
        Assert.False(faster.Beats(Trial(0.01, n => 1.2 + Wavering(n, 1.5)), out _));
        Assert.True(faster.Beats(Trial(0.01, n => (0.3 + Wavering(n, 2)) / 20), out _)); // hardly any
        Assert.True(Trial(0.003, n => 3 + Wavering(n, 1)).Beats(Trial(0.01, n => 1.2 + Wavering(n, 1.5)), out _));
    }

    [Fact]
    public void Any_trial_that_did_not_diverge_beats_one_that_did()
    {
        SettingTrial diverged = new(new(s_cut, 0.01), 1, 0.7, [], s_labels);
        SettingTrial infinite = Trial(0.01, n => n == 3 ? double.PositiveInfinity : 1);
        SettingTrial poor = Trial(0.03, n => Wavering(n, 1));

        Assert.All([diverged, infinite], one => Assert.True(one.IsDiverged));
        Assert.True(poor.Beats(diverged, out _));
        Assert.False(diverged.Beats(poor, out _));
        Assert.False(diverged.Beats(infinite, out _));
    }

    private static double Wavering(int n, double size) => size * Math.Sin(n * 1.7);

    // Two classes. The margin is that of the true class, by image.
    private static SettingTrial Trial(double rate, Func<int, double> margin) =>
        new(
            new(s_cut, rate),
            1,
            Math.Log(2),
            [
                .. s_labels.SelectMany(
                    (label, n) => (float[])[label == 0 ? (float)margin(n) : 0, label == 1 ? (float)margin(n) : 0]
                ),
            ],
            s_labels
        );
}
