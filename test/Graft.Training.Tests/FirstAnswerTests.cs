using Graft.Prediction;

namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class FirstAnswerTests : IDisposable
{
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_first_model_is_written_before_the_random_views_are_extracted()
    {
        List<string> phases = [];
        string? label = null;
        IProgress<TrainingEvent> progress = TrainingProgress.Of(value =>
        {
            phases.AddRange(value is PhaseStarted started ? [started.Phase] : []);
            if (value is Improved improved && label is null)
            {
                using Predictor predictor = Predictor.Load(improved.ModelPath);
                label = predictor.Predict(Path.Combine(_world.Images, "rings", "00.png")).Label;
                phases.Add("improved");
            }
        });

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            progress,
            TestContext.Current.CancellationToken
        );

        Assert.Equal("rings", label);
        Assert.Equal(
            ["read", "extract", "first answer", "export", "improved", "extract", "probe"],
            phases.Take(7)
        );
        Assert.Contains("first answer", result.Evaluation.Seconds.Keys);
    }

    [Fact]
    public void A_better_model_replaces_the_first_and_says_its_accuracy_with_an_interval()
    {
        List<Improved> improvements = [];
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            TrainingProgress.Of(value => improvements.AddRange(value is Improved better ? [better] : [])),
            TestContext.Current.CancellationToken
        );

        Assert.All(improvements, one => Assert.InRange(one.Accuracy, one.Interval.Low, one.Interval.High));
        Assert.Equal(result.Evaluation.ValidationAccuracy, improvements[^1].Accuracy);
        Assert.Equal(result.Evaluation.Shipped, improvements[^1].Candidate);
        Assert.True(improvements.Count >= 2, $"{improvements.Count} improvements");
    }

    [Fact]
    public void A_run_cancelled_among_its_random_views_ships_the_first_answer_and_can_be_resumed()
    {
        TrainingOptions options = _world.Options with { Threads = 1 };
        TrainingResult whole = Trainer.Train(
            _world.Images,
            _world.Run("whole"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        using CancellationTokenSource stop = new();
        int extractions = 0;
        TrainingResult cancelled = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            TrainingProgress.Of(value =>
            {
                if (value is PhaseStarted { Phase: "extract" } && ++extractions == 2)
                {
                    stop.Cancel();
                }
            }),
            stop.Token
        );
        TrainingResult resumed = Trainer.Resume(
            _world.Run("run"),
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal(("probe", 12), (cancelled.Evaluation.Shipped, cancelled.Evaluation.Count));
        Assert.Contains("cancelled", cancelled.Evaluation.Reason);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
    }

    [Fact]
    public void Quick_effort_ends_after_the_probe_of_the_plain_views()
    {
        List<string> phases = [];
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            new()
            {
                Body = _world.Options.Body,
                Effort = Effort.Quick,
            },
            TrainingProgress.Of(value => phases.AddRange(value is PhaseStarted started ? [started.Phase] : [])),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(["read", "extract", "probe", "export", "evaluate"], phases);
        Assert.Equal("probe", result.Evaluation.Shipped);
        Assert.Equal(0, RunFolder.Open(result.RunFolder).Record.Options.Views);
    }

    [Fact]
    public void Quick_effort_refuses_epochs()
    {
        OptionsException error = Assert.Throws<OptionsException>(() =>
            new TrainingOptions
            {
                Effort = Effort.Quick,
                FineTune = new() { Epochs = 3 },
            }.Validate()
        );

        Assert.Equal(["FineTune.Epochs"], error.Problems.Select(problem => problem.Property));
    }
}
