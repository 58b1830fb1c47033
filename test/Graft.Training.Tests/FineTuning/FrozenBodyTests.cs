using Graft.Training.Pipeline;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class FrozenBodyTests : IDisposable
{
    private readonly ToyWorld _world = new(imagesPerClass: 8);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Training_of_nothing_leaves_the_probe()
    {
        TrainingOptions options = _world.Options with
        {
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Train = TrainedPart.HeadOnly },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.StartsWith("probe", result.Evaluation.Shipped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_linear_head_alone_is_trained_where_no_layer_of_the_body_is()
    {
        List<TrainingEvent> events = [];

        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                Head = new() { Hidden = [] },
                HeadTraining = new() { Batch = 8 },
                FineTune = new() { Train = TrainedPart.HeadOnly },
            },
            TrainingProgress.Of(events.Add),
            TestContext.Current.CancellationToken
        );

        Assert.Contains(events.OfType<PhaseStarted>(), phase => phase.Phase == "head training");
        Assert.DoesNotContain(events.OfType<PhaseStarted>(), phase => phase.Phase == "fine-tune");
    }

    [Theory]
    [InlineData(0.001, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_requested_part_without_a_layer_is_reported(double share, bool isTold)
    {
        TrainingOptions options = _world.Options with { FineTune = new() { Train = TrainedPart.LastShare(share) } };

        PreparedBody.Load(options, options.Cache).CutFor(options, out string? notice);

        Assert.Equal(isTold, notice is not null);
        Assert.Equal(isTold, notice?.Contains("the body stays frozen", StringComparison.Ordinal) == true);
    }
}
