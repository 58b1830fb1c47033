using System.Diagnostics;

namespace Graft.Training.Tests.Run;

[Collection("torch")]
public sealed class TrainingTelemetryTests : IDisposable
{
    private readonly ToyWorld _world = new();
    private readonly TelemetryRecorder _recorder = new();

    public void Dispose()
    {
        _recorder.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void A_run_is_an_activity_with_one_activity_a_phase()
    {
        List<PhaseEnded> phases = [];
        List<EpochEnded> epochs = [];
        IProgress<TrainingEvent> progress = TrainingProgress.Of(one =>
        {
            phases.AddRange(new[] { one }.OfType<PhaseEnded>());
            epochs.AddRange(new[] { one }.OfType<EpochEnded>());
        });

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            progress,
            TestContext.Current.CancellationToken
        );

        Activity run = _recorder.Activities[^1];
        Assert.Equal("graft.train", run.OperationName);
        Assert.Equal(_world.Run("run"), run.GetTagItem("graft.run"));
        Assert.Equal("toy", run.GetTagItem("graft.body"));
        Assert.Equal(result.Evaluation.Accuracy, run.GetTagItem("graft.accuracy"));
        List<Activity> parts = [.. _recorder.Activities.Where(one => one.OperationName == "graft.phase")];
        Assert.Equal(phases.Select(phase => phase.Phase), parts.Select(one => one.GetTagItem("graft.phase")));
        Assert.All(parts, one => Assert.Equal(run.SpanId, one.ParentSpanId));
        Assert.Equal(
            phases.Select(phase => phase.Phase),
            _recorder.Of("graft.phase.duration").Select(one => one.Tags["graft.phase"])
        );
        Assert.Single(_recorder.Of("graft.training.duration"));
        Assert.NotEmpty(epochs);
        Assert.Equal(epochs.Count, _recorder.Of("graft.epochs").Sum(one => one.Value));
    }

    [Fact]
    public void An_extraction_measures_its_images_a_second()
    {
        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                HeadTraining = new() { Epochs = 0 },
                FineTune = new() { Train = TrainedPart.HeadOnly },
                Cache = new() { IsOn = false }, // another test may have filled it with the same rows
            },
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Contains(
            _recorder.Of("graft.training.throughput"),
            one => one.Value > 0 && one.Tags["graft.phase"] is "extract" && one.Instrument.Unit == "{image}/s"
        );
        Assert.True(_recorder.Of("graft.images.decoded").Count >= 60); // each of the 60 pictures at least once
    }

    [Fact]
    public void A_run_that_ends_with_an_error_says_so()
    {
        Directory.Delete(_world.Images, recursive: true);

        Assert.ThrowsAny<GraftException>(() =>
            Trainer.Train(
                _world.Images,
                _world.Run("run"),
                _world.Options,
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.All(_recorder.Activities, one => Assert.Equal(ActivityStatusCode.Error, one.Status));
        Assert.Equal(["graft.phase", "graft.train"], _recorder.Activities.Select(one => one.OperationName));
        Assert.True(Assert.Single(_recorder.Of("graft.training.duration")).Tags.ContainsKey("error.type"));
    }
}
