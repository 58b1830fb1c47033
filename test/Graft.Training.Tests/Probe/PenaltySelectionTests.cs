using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

public sealed class PenaltySelectionTests
{
    [Fact]
    public void A_penalty_more_than_ten_times_the_best_is_not_chosen_from_ten_images()
    {
        double[] noise = [0.9, 0.2, 0.7, 0.1, 0.4, 0.8, 0.3, 0.6, 0.2, 0.5];
        PenaltyScore[] scores =
        [
            .. Enumerable
                .Range(0, 7)
                .Select(i =>
                    Of(Math.Pow(10, (i - 12) / 2.0), [.. noise.Select((loss, n) => loss + (0.01 * (6 - i) * (n % 3)))])
                ),
        ];

        PenaltyScore best = PenaltySelection.Best(scores, null);

        Assert.Equal(1e-4, best.Trial.InverseL2, 1e-9); // the lowest loss is at 1e-3
    }

    [Fact]
    public void A_stronger_penalty_within_a_factor_of_ten_wins_if_its_loss_is_within_the_standard_error()
    {
        PenaltyScore[] scores = [Of(0.1, [0.52, 0.48, 0.55, 0.49]), Of(0.316, [0.5, 0.5, 0.5, 0.5])];

        Assert.Equal(0.1, PenaltySelection.Best(scores, null).Trial.InverseL2);
    }

    private static PenaltyScore Of(double inverseL2, double[] losses) =>
        new(new(inverseL2, losses.Average(), 0, 0, 0, 0), [], losses);
}
