using Graft.Prediction;

namespace Graft.Training.Tests.Phases;

/// <summary>Trainings that no layer of the body takes part in, though the options do not say so.</summary>
[Collection("torch")]
public sealed class HeadAloneTests : IDisposable
{
    private readonly ToyWorld _world = new(imagesPerClass: 12);

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(null, true)]
    [InlineData(0, false)] // the options train no head either: the probe is shipped
    public void The_head_is_trained_where_the_share_leaves_no_layer_of_the_body(int? headEpochs, bool isTrained)
    {
        List<TrainingEvent> events = [];
        TrainingOptions options = _world.Options with
        {
            Head = new() { Hidden = [] },
            HeadTraining = new() { Epochs = headEpochs },
            FineTune = new() { Train = TrainedPart.LastShare(0.01), Epochs = 1 },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            TrainingProgress.Of(events.Add),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(isTrained, events.OfType<PhaseStarted>().Any(one => one.Phase == "head training"));
        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Equal(3, predictor.Card.Labels.Count);
    }
}
