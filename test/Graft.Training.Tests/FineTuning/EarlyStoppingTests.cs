using Graft.Training.FineTuning;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.FineTuning;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void The_best_epoch_has_the_highest_accuracy_and_among_equals_the_lowest_loss()
    {
        EarlyStopping stopping = new(patience: 10, targetAccuracy: null);

        Assert.True(stopping.Observe(new(0.8, 0.5)));
        Assert.False(stopping.Observe(new(0.7, 0.4)));
        Assert.True(stopping.Observe(new(0.8, 0.45)));
        Assert.False(stopping.Observe(new(0.8, 0.45)));

        Assert.Equal(new ValidationScore(0.8, 0.45), stopping.Best);
    }

    [Fact]
    public void Training_stops_when_the_loss_has_not_fallen_for_its_patience()
    {
        EarlyStopping stopping = new(patience: 2, targetAccuracy: null);
        stopping.Observe(new(0.5, 1.0));
        stopping.Observe(new(0.6, 1.1));

        Assert.Null(stopping.Reason);
        stopping.Observe(new(0.7, 1.0));

        Assert.Contains("2 epochs", stopping.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lower_loss_restores_the_patience()
    {
        EarlyStopping stopping = new(patience: 2, targetAccuracy: null);
        stopping.Observe(new(0.5, 1.0));
        stopping.Observe(new(0.5, 1.1));
        stopping.Observe(new(0.5, 0.9));
        stopping.Observe(new(0.5, 1.1));

        Assert.Null(stopping.Reason);
    }

    [Fact]
    public void Training_stops_at_the_target_accuracy()
    {
        EarlyStopping stopping = new(patience: 10, targetAccuracy: 0.9);
        stopping.Observe(new(0.9, 1.0));

        Assert.Contains("target accuracy", stopping.Reason, StringComparison.Ordinal);
    }
}
