using Graft.Training.FineTuning;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.FineTuning;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void The_best_epoch_has_the_highest_accuracy_and_among_equals_the_lowest_loss()
    {
        EarlyStopping judge = new(patience: 10, targetAccuracy: null);

        Assert.True(judge.Observe(new(0.8, 0.5)));
        Assert.False(judge.Observe(new(0.7, 0.4)));
        Assert.True(judge.Observe(new(0.8, 0.45)));
        Assert.False(judge.Observe(new(0.8, 0.45)));

        Assert.Equal(new ValidationScore(0.8, 0.45), judge.Best);
    }

    [Fact]
    public void It_stops_when_the_loss_has_not_fallen_for_as_many_epochs_as_it_has_patience()
    {
        EarlyStopping judge = new(patience: 2, targetAccuracy: null);
        judge.Observe(new(0.5, 1.0));
        judge.Observe(new(0.6, 1.1));

        Assert.Null(judge.Reason);
        judge.Observe(new(0.7, 1.0));

        Assert.Contains("2 epochs", judge.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lower_loss_gives_it_new_patience()
    {
        EarlyStopping judge = new(patience: 2, targetAccuracy: null);
        judge.Observe(new(0.5, 1.0));
        judge.Observe(new(0.5, 1.1));
        judge.Observe(new(0.5, 0.9));
        judge.Observe(new(0.5, 1.1));

        Assert.Null(judge.Reason);
    }

    [Fact]
    public void It_stops_at_the_target_accuracy()
    {
        EarlyStopping judge = new(patience: 10, targetAccuracy: 0.9);
        judge.Observe(new(0.9, 1.0));

        Assert.Contains("target accuracy", judge.Reason, StringComparison.Ordinal);
    }
}
