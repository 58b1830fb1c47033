using Graft.Conformance;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Bodies;

/// <summary>Named vision transformers as bodies, with weights of the filling rule and small inputs.</summary>
[Collection("torch")]
public sealed class TransformerBodyTests : IDisposable
{
    private const string Name = "vit_tiny_patch16_224";
    private const int Width = 192;
    private const int Side = 32; // four patches

    private readonly ToyWorld _world = new(8);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_features_are_the_class_token_and_the_mean_of_the_patches_as_two_groups()
    {
        TrainableBody body = Load(Side);

        FrozenPrefix prefix = FrozenPrefix.Of(body, [], Pooling.Auto);

        Assert.Equal(FeatureKind.Vector, body.Boundary.Kind);
        Assert.Equal([Width, Width], prefix.Layout.Averages);
    }

    [Fact]
    public void The_last_block_is_trained_and_the_model_predicts()
    {
        List<string> details = [];
        TrainingOptions options = new()
        {
            Body = BodySource.Named(Name) with { Weights = Weights(), InputSize = Side },
            Views = 1,
            Threads = 1,
            FineTune = new()
            {
                Train = TrainedPart.FromEdge("blocks.11"),
                Epochs = 1,
                Batch = 8,
            },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            TrainingProgress.Of(value => details.AddRange(value is PhaseStarted started ? [started.Detail] : [])),
            TestContext.Current.CancellationToken
        );

        using Prediction.Predictor predictor = Prediction.Predictor.Load(result.ModelPath);
        Assert.Contains(predictor.Predict(Path.Combine(_world.Images, "rings", "00.png")).Label, predictor.Card.Labels);
        Assert.Contains(details, detail => detail.Contains("from 'blocks.10.output' on", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vit_small_patch16_224", 230, "such as 224 or 240")]
    [InlineData("vit_small_patch14_dinov2", 100, "such as 98 or 112")]
    public void A_size_that_is_no_multiple_of_the_patch_is_refused_with_two_that_are(string name, int side, string hint)
    {
        GraftException error = Assert.Throws<GraftException>(() => NamedBodies.Find(name).Architecture.Build(side));

        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.Equal("Body.InputSize", error.Option);
    }

    [Fact]
    public void Weights_of_another_grid_are_resampled_and_weights_of_no_grid_are_refused()
    {
        float[] positions = FillingRule.Weight("pos_embed", [1, 1 + (14 * 14), Width]);

        TrainableBody body = Load(Side);

        TensorProto resampled = body.Model.Graph.Initializer.Single(weight => weight.Name == "pos_embed");
        Assert.Equal(PositionEmbedding.Resample(positions, 1, 14, 2, 2, Width), TensorValues.ToSingles(resampled));
        Assert.Throws<WeightFileException>(() => Load(Side, tokens: 1 + 150));
    }

    private TrainableBody Load(int side, int tokens = 1 + (14 * 14)) =>
        TrainableBodyLoader.Load(
            new()
            {
                Body = Name,
                Weights = Weights(tokens),
                InputSize = side,
            }
        );

    // As timm's file: for 224 pixels, without a classifier.
    private string Weights(int tokens = 1 + (14 * 14))
    {
        string path = _world.Run($"{tokens}.safetensors");
        SafetensorsFile.Write(
            path,
            NamedBodies
                .Find(Name)
                .Architecture.Build(224, classCount: 0)
                .Parameters.Select(weight =>
                {
                    long[] shape = weight.Name == "pos_embed" ? [1, tokens, Width] : [.. weight.Dims];
                    float[] values = FillingRule.Weight(weight.Name, shape);
                    return new WeightTensor(
                        weight.Name,
                        WeightType.Float32,
                        shape,
                        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
                    );
                })
        );
        return path;
    }
}
