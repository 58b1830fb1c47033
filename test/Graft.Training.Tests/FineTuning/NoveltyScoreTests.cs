using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class NoveltyScoreTests : IDisposable
{
    private const double Float32Noise = 1e-5;
    private static readonly int[] s_labels = [0, 0, 1, 1, 2, 2];
    private static readonly float[] s_features =
    [
        1,
        0,
        0,
        0,
        0.9f,
        0.1f,
        0,
        0,
        0,
        2,
        0,
        0,
        0.1f,
        3,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0.5f,
        0.1f,
    ];

    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(18)]
    [InlineData(12)]
    public void The_model_computes_the_distance_divided_by_the_threshold(int opset)
    {
        NoveltyScore familiarity = NoveltyScore.Fit(FeatureMatrix.Of(s_features, s_labels.Length), s_labels, 3);
        OnnxModel model = OnnxModel.Create("features");
        model.Proto.OpsetImport[0].Version = opset;
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [4]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Identity",
                Input = { "x" },
                Output = { "features" },
            }
        );
        familiarity.AppendTo(model, "features", threshold: 0.25);
        float[] rows = [1, 0.2f, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, -1, -1, 0, 0];

        using Graft.Onnx.OnnxSession session = new(model.ToBytes(), "familiarity", threads: 1);
        OnnxOutput output = session.Run(rows, 4, 4)[0];

        Assert.Equal([4, 1], output.Shape);
        Assert.All(familiarity.Distances(FeatureMatrix.Of(rows, 4)).Zip(output.Singles!), pair =>
            Assert.Equal(pair.First / 0.25, pair.Second, Float32Noise)
        );
        Assert.True(output.Singles![0] < 1 && output.Singles[1] > 1);
        // a zero vector has no direction, and is far from all centres
        Assert.Equal(4, output.Singles[2], Float32Noise);
    }

    [Fact]
    public void A_left_out_row_does_not_count_for_its_own_centre()
    {
        FeatureMatrix features = FeatureMatrix.Of([1, 0, 0, 1, 0.6f, 0.8f, 0.6f, 0.8f], 4);
        double[] distances = NoveltyScore.Fit(features, [0, 1, 0, 0], 2).LeaveOneOut(features, [0, 1, 0, 0]);

        Assert.Equal(1 - 0.6, distances[0], Float32Noise); // from (0.6, 0.8), the rest of its class
        Assert.InRange(distances[1], 0.3, 1); // its class is empty without it, and the other one is nearest
    }

    [Fact]
    public void Ninety_nine_of_a_hundred_distances_are_within_the_threshold_and_all_of_fewer()
    {
        double[] distances = [.. Enumerable.Range(1, 200).Select(i => i / 1000.0)];

        Assert.Equal(0.198, NoveltyScore.Threshold(distances));
        Assert.Equal(0.05, NoveltyScore.Threshold(distances[..50]));
    }

    [Theory]
    [InlineData(Pooling.Average, 0)]
    [InlineData(Pooling.Average, 6)]
    [InlineData(Pooling.AverageAndMax, 0)]
    [InlineData(Pooling.AverageAndMax, 6)]
    [InlineData(Pooling.Flatten, 0)]
    [InlineData(Pooling.Flatten, 6)]
    public void A_trained_model_finds_its_images_familiar_and_others_unfamiliar(Pooling pooling, int epochs)
    {
        TrainingOptions options = _world.Options with
        {
            Head = new() { Pooling = pooling },
            FineTune = epochs == 0
                ? new() { Epochs = 0 }
                : new()
                {
                    Train = ToyWorld.TrainedPart,
                    Epochs = epochs,
                    BodyRate = 0.05,
                    Batch = 8,
                },
        };
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        using Predictor predictor = Predictor.Load(result.ModelPath);
        Graft.Prediction.ImagePrediction[] own =
        [
            .. Directory.EnumerateFiles(_world.Images, "*.png", SearchOption.AllDirectories).Select(predictor.Predict),
        ];
        Graft.Prediction.ImagePrediction red = predictor.Predict(TinyClassifier.Png(255, 0, 0));

        Assert.True(
            own.Count(one => one.IsFamiliar) >= 0.9 * own.Length,
            $"{own.Count(one => one.IsFamiliar)} of {own.Length} are familiar"
        );
        Assert.All(own, one => Assert.InRange(one.Unfamiliarity!.Value, 0, 5));
        Assert.False(red.IsFamiliar, $"unfamiliarity {red.Unfamiliarity}");
    }
}
