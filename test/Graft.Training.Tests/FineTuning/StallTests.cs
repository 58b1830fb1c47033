using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class StallTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    [Fact]
    public void The_loss_of_guessing_is_the_entropy_of_the_smoothed_labels()
    {
        Assert.Equal(Math.Log(2), GuessingLoss.Of([0, 1, 0, 1], 2, 0), 12);
        Assert.Equal(0.5 * Math.Log(2) + (0.5 * Math.Log(4)), GuessingLoss.Of([0, 0, 1, 2], 3, 0), 12);
        Assert.Equal(Math.Log(4), GuessingLoss.Of([0, 1, 2, 3], 4, 0.1), 12);
        Assert.Equal((-0.95 * Math.Log(0.95)) - (0.05 * Math.Log(0.05)), GuessingLoss.Of([0, 0], 2, 0.1), 12);
        Assert.Equal(Math.Log(3), GuessingLoss.Of([0, 0, 1, 2], 3, 0.1, Balance.Weights), 12);
    }

    [Theory]
    [InlineData(true, 30, 1.2, 1.2, 1.2, 1.2)]
    [InlineData(false, 30, 1.2, 1.2, 1.2, 1.0)] // better than guessing
    [InlineData(false, 30, 1.2, 1.2, 1.2)] // too early
    [InlineData(false, 19, 1.2, 1.2, 1.2, 1.2)] // too few steps
    [InlineData(false, 30, 2.6, 2.2, 1.8, 1.5)] // falling
    [InlineData(true, 5, 2.6, 2.4, 2.2, 2.0, 1.8)] // the last epoch
    public void A_stall_is_a_loss_no_better_than_guessing_that_does_not_fall(
        bool isStalled,
        int steps,
        params double[] losses
    ) =>
        Assert.Equal(
            isStalled,
            StallGuard.IsStalled(Plan(OptimizerKind.Sgd, 0.001) with { GuessingLoss = 1.1 }, losses, steps, 5)
        );

    [Fact]
    public void Every_optimiser_is_tried_and_then_the_planned_one_at_another_rate()
    {
        EpochLoopPlan low = Plan(OptimizerKind.RmsProp, 1e-5);
        Assert.Equal(
            [
                new(OptimizerKind.RmsProp, 1e-5),
                new(OptimizerKind.Adam, 0.001),
                new(OptimizerKind.AdamW, 0.001),
                new(OptimizerKind.Sgd, 0.01),
                new(OptimizerKind.RmsProp, 1e-4),
                null,
            ],
            Enumerable.Range(0, 6).Select(number => OptimizerFallback.Of(low, number))
        );
        EpochLoopPlan tooHigh = Plan(OptimizerKind.Sgd, 3);
        Assert.Equal(new(OptimizerKind.Sgd, 0.01), OptimizerFallback.Of(tooHigh, 4));
    }

    [Fact]
    public void A_big_head_that_stalls_by_sgd_learns_by_another_optimiser()
    {
        Events events = new();

        Trainer.Train(_world.Images, _world.Run("run"), Stalling, events, TestContext.Current.CancellationToken);

        Notice[] notices = [.. events.Seen.OfType<Notice>()];
        Notice stall = Assert.Single(notices, notice =>
            notice.Text.StartsWith("'head training' has stalled", StringComparison.Ordinal)
        );
        Assert.Contains("the phase begins again by RmsProp", stall.Text, StringComparison.Ordinal);
        EpochEnded[] epochs = [.. events.Seen.OfType<EpochEnded>().Where(epoch => epoch.Phase == "head training")];
        Assert.True(
            epochs.Any(epoch => epoch.TrainLoss < 0.8 * Math.Log(3)),
            $"{epochs.Min(epoch => epoch.TrainLoss)}"
        );
    }

    [Fact]
    public void A_run_stopped_after_a_stall_resumes_to_the_same_bytes()
    {
        Trainer.Train(_world.Images, _world.Run("whole"), Stalling, cancel: TestContext.Current.CancellationToken);
        using CancellationTokenSource cancel = new();
        bool isStalled = false;
        Events events = new(value =>
        {
            isStalled |=
                value is Notice notice
                && notice.Text.StartsWith("'head training' has stalled", StringComparison.Ordinal);
            if (isStalled && value is EpochEnded { Epoch: 2 })
            {
                cancel.Cancel();
            }
        });

        Trainer.Train(_world.Images, _world.Run("stopped"), Stalling, events, cancel.Token);
        Trainer.Resume(_world.Run("stopped"), cancel: TestContext.Current.CancellationToken);

        Assert.True(cancel.IsCancellationRequested);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(_world.Run("whole"), "model.onnx")),
            File.ReadAllBytes(Path.Combine(_world.Run("stopped"), "model.onnx"))
        );
    }

    [Fact]
    public void A_big_head_that_is_no_better_leads_to_a_notice_with_both_scores()
    {
        Events events = new();
        TrainingOptions options = Stalling with
        {
            Head = Stalling.Head with { Hidden = [4, 4] },
            HeadTraining = new() { Epochs = 2 },
        };

        Trainer.Train(_world.Images, _world.Run("run"), options, events, TestContext.Current.CancellationToken);

        Notice proposal = Assert.Single(events.Seen.OfType<Notice>(), notice =>
            notice.Text.StartsWith("A simpler head does better", StringComparison.Ordinal)
        );
        Assert.Matches(
            @"the probe\) reaches validation accuracy \d.*, 4-4 units reach validation accuracy \d.*same \d+ images",
            proposal.Text
        );
    }

    // SGD at a rate too small to move.
    private TrainingOptions Stalling =>
        _world.Options with
        {
            Head = new()
            {
                Start = HeadStart.Random,
                Hidden = [512, 512],
                Dropout = 0,
            },
            HeadTraining = new()
            {
                Optimizer = OptimizerKind.Sgd,
                Rate = 1e-6,
                Batch = 8,
            },
            FineTune = new() { Epochs = 0 },
        };

    private static EpochLoopPlan Plan(OptimizerKind optimizer, double rate) =>
        new()
        {
            Name = "head training",
            Epochs = 10,
            Optimizer = optimizer,
            HeadRate = rate,
            BodyRate = rate,
            Batch = 8,
            WeightDecay = 0,
            Seed = 1,
        };

    public void Dispose() => _world.Dispose();

    private sealed class Events(Action<TrainingEvent>? also = null) : IProgress<TrainingEvent>
    {
        public List<TrainingEvent> Seen { get; } = [];

        public void Report(TrainingEvent value)
        {
            Seen.Add(value);
            also?.Invoke(value);
        }
    }
}
