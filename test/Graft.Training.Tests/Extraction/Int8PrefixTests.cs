using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class Int8PrefixTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private TrainingOptions Options => _world.Options with { Engine = Engine.Int8 };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Features_in_int8_are_near_those_in_float()
    {
        float[] expected = Features(Engine.OnnxRuntime);
        float[] found = Features(Engine.Int8);

        float largest = expected.Max();
        Assert.NotEqual(expected, found);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance: 0.02f * largest));
    }

    [Fact]
    public void A_run_that_was_stopped_ends_with_the_bytes_of_one_that_was_not()
    {
        byte[] whole = File.ReadAllBytes(
            Trainer
                .Train(_world.Images, _world.Run("whole"), Options, cancel: TestContext.Current.CancellationToken)
                .ModelPath
        );
        using CancellationTokenSource cancel = new();
        IProgress<TrainingEvent> progress = TrainingProgress.Of(value =>
        {
            if (value is EpochEnded { Epoch: 2 })
            {
                cancel.Cancel();
            }
        });

        Trainer.Train(_world.Images, _world.Run("run"), Options, progress, cancel.Token);
        TrainingResult resumed = Trainer.Resume(_world.Run("run"), cancel: TestContext.Current.CancellationToken);

        Assert.True(cancel.IsCancellationRequested);
        Assert.Equal(whole, File.ReadAllBytes(resumed.ModelPath));
    }

    [Fact]
    public void The_finished_file_computes_in_float()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            Options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.DoesNotContain(OnnxModel.Load(result.ModelPath).Graph.Node, node => node.OpType == "QuantizeLinear");
    }

    [Fact]
    public void A_body_that_is_no_convolutional_network_is_refused()
    {
        OnnxModel body = SmallNetwork.Create().Classifier(4, 3).Build();

        OnnxException error = Assert.Throws<OnnxException>(() =>
            Int8Prefix.Of(body, "vit", [], new(new() { Width = 12, Height = 12 }), cache: null)
        );

        Assert.Contains(
            "int8 needs convolutions, and they are 0 % of its work, as in transformers; choose another engine",
            error.Message.Replace("%", " %", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Features_for_any_images_are_not_computed_in_int8() =>
        Assert.Throws<OptionsException>(() =>
            FeatureExtractor.Create(BodySource.OnnxFile(_world.BodyPath), new() { Engine = Engine.Int8 })
        );

    private float[] Features(Engine engine)
    {
        TrainableBody body = TrainableBodyLoader.Load(_world.Options.ToBodyPlan());
        TrainingData data = TrainingData.Read(
            _world.Images,
            DataPlan.Of(_world.Options),
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );
        using ExtractedFeatures extracted = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(_world.Options with { Engine = engine }, body.Model, [], 0, data.Train.Count) with
            {
                Pooling = Pooling.Average,
            },
            data,
            null,
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );
        return extracted.All.Gather([.. data.Train.Select(image => extracted.All.FirstRows[image.Name])]);
    }
}
