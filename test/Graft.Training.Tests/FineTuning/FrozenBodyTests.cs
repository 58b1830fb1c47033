namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class FrozenBodyTests : IDisposable
{
    private readonly ToyWorld _world = new(imagesPerClass: 8);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Fine_tuning_of_no_layer_leaves_the_probe()
    {
        TrainingOptions options = _world.Options with
        {
            FineTune = _world.Options.FineTune with { Train = TrainedPart.HeadOnly },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.StartsWith("probe", result.Evaluation.Shipped, StringComparison.Ordinal);
    }
}
