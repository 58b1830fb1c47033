using Graft.Training.Extraction;
using TorchSharp;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class FreshViewsTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public void Every_epoch_reads_its_own_view()
    {
        RowsAsked source = new();
        LabelledActivations rows = new(source, [0, 10, 20, 30], [0, 1, 0, 1], ViewsPerImage: 3) { FreshViews = 4 };

        foreach (int epoch in (int[])[0, 1, 3])
        {
            source.Rows.Clear();
            foreach (Batch batch in rows.ShuffledBatches(size: 3, seed: 1, epoch))
            {
                batch.Dispose();
            }

            Assert.Equal([3 + epoch, 13 + epoch, 23 + epoch, 33 + epoch], source.Rows.Order());
        }
    }

    [Theory]
    [InlineData(Engine.OnnxRuntime)]
    [InlineData(Engine.Torch)]
    [InlineData(Engine.Mixed)]
    public void The_model_is_the_same_without_the_cache_and_differs_from_that_of_fixed_views(Engine engine)
    {
        TrainingOptions options = _world.Options with
        {
            Engine = engine,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 3,
                BodyRate = 0.02,
                Batch = 8,
            },
        };
        byte[] fresh = Train("fresh", options with { FreshViews = true });

        Assert.Equal(
            fresh,
            Train("again", options with { FreshViews = true, Cache = options.Cache with { IsOn = false } })
        );
        Assert.NotEqual(fresh, Train("kept", options));
    }

    public void Dispose() => _world.Dispose();

    // The result of fine-tuning, whichever model ships: the log has the losses.
    private byte[] Train(string run, TrainingOptions options)
    {
        Losses losses = new();
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run(run),
            options,
            losses,
            TestContext.Current.CancellationToken
        );
        Assert.NotEmpty(losses.Seen);
        return [.. losses.Seen.SelectMany(BitConverter.GetBytes), .. File.ReadAllBytes(result.ModelPath)];
    }

    private sealed class Losses : IProgress<TrainingEvent>
    {
        public List<double> Seen { get; } = [];

        public void Report(TrainingEvent value)
        {
            if (value is EpochEnded epoch)
            {
                Seen.Add(epoch.TrainLoss);
            }
        }
    }

    private sealed class RowsAsked : IActivationSource
    {
        public List<int> Rows { get; } = [];

        public torch.Tensor Load(ReadOnlySpan<int> rows)
        {
            Rows.AddRange(rows);
            return torch.zeros(rows.Length, 1);
        }
    }
}
