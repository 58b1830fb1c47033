using System.Text.Json;
using Graft.Training.Pipeline;
using Graft.Training.Run;
using Microsoft.Extensions.Time.Testing;

namespace Graft.Training.Tests.Run;

[Collection("torch")]
public sealed class TimeBudgetTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private TrainingOptions Options =>
        _world.Options with
        {
            Budget = TimeSpan.FromSeconds(1000),
            ValidationShare = 0.4,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 10,
                BodyRate = 0.01,
                Batch = 8,
            },
        };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_share_of_a_budget_ends_earlier_and_is_named_by_the_whole_budget()
    {
        double spent = 100;
        TimeBudget whole = new(TimeSpan.FromMinutes(5), () => spent);
        TimeBudget half = whole.Share(0.5);

        Assert.Equal((200, 100), (whole.Left, half.Left));
        spent = 200;
        Assert.Equal((false, true), (whole.IsSpent, half.IsSpent));
        Assert.Equal("the budget of 5m is used up", half.Reason);
        Assert.False(new TimeBudget(null, () => 1e9).IsSpent);
    }

    [Fact]
    public void A_budget_with_room_changes_no_byte()
    {
        TrainingResult with = Train("with", secondsABatch: 0, Options);
        TrainingResult without = Train("without", secondsABatch: 0, Options with { Budget = null });

        Assert.Equal("10 epochs are done", with.Evaluation.Stopped);
        Assert.Equal(Scores.Of(without.RunFolder), Scores.Of(with.RunFolder));
    }

    [Fact]
    public void A_small_budget_plans_fewer_epochs_in_every_training()
    {
        List<TrainingEvent> seen = [];
        // 29 images to learn from, 48 in the last training: 4 and 6 batches an epoch
        TrainingResult result = Train("run", secondsABatch: 20, Options, seen);

        Assert.Contains(seen.OfType<Notice>(), notice =>
            notice.Text.Contains("has room for", StringComparison.Ordinal)
        );
        Assert.All(seen.OfType<EpochEnded>().Skip(1), epoch => Assert.InRange(epoch.Epochs, 2, 6));
        Assert.Contains("as many as the time budget allows", result.Evaluation.Stopped, StringComparison.Ordinal);
        Assert.Contains("as many as the time budget allows", Stopped(result), StringComparison.Ordinal);
        Assert.InRange(result.Evaluation.Seconds.Values.Sum(), 200, 1100);
    }

    [Fact]
    public void A_budget_that_the_probe_uses_up_ships_the_probe_and_says_so()
    {
        TrainingResult result = Train(
            "run",
            secondsABatch: 0,
            Options with
            {
                Budget = TimeSpan.FromSeconds(1),
                Cache = new() { IsOn = false },
            },
            secondsAnImage: 1
        );

        Assert.Equal(("probe", "the budget of 1s is used up"), (result.Evaluation.Shipped, Stopped(result)));
    }

    [Fact]
    public void An_epoch_that_the_budget_interrupts_is_validated_as_it_is()
    {
        List<TrainingEvent> seen = [];
        TrainingResult result = Train("run", secondsABatch: 300, Options, seen);

        Assert.Single(seen.OfType<EpochEnded>());
        Assert.Equal(
            "the budget of 1000s is used up",
            Stopped(result).Replace("16.67m", "1000s", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_seconds_before_a_stop_count_when_it_is_resumed()
    {
        using CancellationTokenSource cancel = new();
        FakeTimeProvider time = new();
        Listener stopping = new(e =>
        {
            if (e is Progressed { Phase: "fine-tune", Done: 24 })
            {
                time.Advance(TimeSpan.FromSeconds(1001));
                cancel.Cancel();
            }
        });
        Trainer.Train(ImageReader.Of(_world.Images), _world.Run("run"), Options, stopping, time, cancel.Token);
        List<TrainingEvent> seen = [];

        TrainingResult result = Trainer.Resume(
            _world.Run("run"),
            images: null,
            new(),
            new Listener(seen.Add),
            new FakeTimeProvider(),
            TestContext.Current.CancellationToken
        );

        Assert.Empty(seen.OfType<EpochEnded>());
        Assert.EndsWith("is used up", result.Evaluation.Stopped, StringComparison.Ordinal);
    }

    private static string Stopped(TrainingResult result) =>
        JsonDocument
            .Parse(File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")))
            .RootElement.GetProperty("stopped")
            .GetString()!;

    // Time passes where a batch of fine-tuning is reported and a phase begins; nowhere else.
    private TrainingResult Train(
        string run,
        double secondsABatch,
        TrainingOptions options,
        List<TrainingEvent>? seen = null,
        double secondsAnImage = 0
    )
    {
        FakeTimeProvider time = new();
        long batches = 0;
        return Trainer.Train(
            ImageReader.Of(_world.Images),
            _world.Run(run),
            options,
            new Listener(e =>
            {
                if (e is Progressed { Phase: "fine-tune" } && Interlocked.Increment(ref batches) > 0)
                {
                    time.Advance(TimeSpan.FromSeconds(secondsABatch));
                }

                lock (_world)
                {
                    seen?.Add(e);
                }

                time.Advance(TimeSpan.FromSeconds(e is Progressed { Phase: "extract" } ? secondsAnImage : 0));
            }),
            time,
            TestContext.Current.CancellationToken
        );
    }

    private sealed class Listener(Action<TrainingEvent> hear) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => hear(value);
    }
}
