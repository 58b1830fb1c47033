using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Pipeline;
using Graft.Training.Run;

namespace Graft.Training.Tests.Data;

[Collection("torch")]
public sealed class CombinedImagesTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private TrainingOptions Options => _world.Options with { FineTune = _world.Options.FineTune with { Epochs = 2 } };

    private TrainingOptions Further =>
        Options with
        {
            Body = new TrainingOptions().Body,
            ContinueFrom = _world.Run("first"),
        };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_run_goes_on_from_an_earlier_one_with_a_class_more_and_the_test_images_of_both()
    {
        (string before, string added) = Divide();
        Trainer.Train(before, _world.Run("first"), Options, cancel: TestContext.Current.CancellationToken);
        List<TrainingEvent> seen = [];

        TrainingResult result = Trainer.Train(
            added,
            _world.Run("second"),
            Further,
            new Listener(seen.Add),
            TestContext.Current.CancellationToken
        );

        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Equal(["checks", "rings", "stripes"], predictor.Card.Labels);
        Assert.Equal("toy", predictor.Card.Body.Name);
        Assert.Contains(seen.OfType<Notice>(), notice =>
            notice.Text.EndsWith("40 images of its 2 classes, 20 new images, 1 new class.", StringComparison.Ordinal)
        );
        string[] firstTest = TestOf("first");
        string[] secondTest = TestOf("second");
        Assert.Equal(8, firstTest.Length);
        Assert.Empty(firstTest.Except(secondTest));
        Assert.Equal(12, secondTest.Length);
        Assert.True(result.Evaluation.Accuracy >= 0.7, $"accuracy {result.Evaluation.Accuracy}");
        Assert.Equal(
            Values(OnnxModel.Load(Path.Combine(_world.Run("first"), "model.onnx")), "a.weight"),
            Values(OnnxModel.Load(result.ModelPath), "a.weight")
        );
    }

    [Fact]
    public void A_stopped_run_that_goes_on_from_another_is_resumed()
    {
        (string before, string added) = Divide();
        Trainer.Train(
            before,
            _world.Run("first"),
            Options with
            {
                FineTune = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );
        using CancellationTokenSource cancel = new();
        Trainer.Train(
            added,
            _world.Run("second"),
            Further,
            new Listener(e =>
            {
                if (e is EpochEnded)
                {
                    cancel.Cancel();
                }
            }),
            cancel.Token
        );

        TrainingResult resumed = Trainer.Resume(_world.Run("second"), cancel: TestContext.Current.CancellationToken);
        TrainingResult whole = Trainer.Train(
            added,
            _world.Run("whole"),
            Further,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
    }

    [Fact]
    public void A_class_without_images_is_named_and_nothing_is_begun()
    {
        (string before, string added) = Divide();
        Trainer.Train(
            before,
            _world.Run("first"),
            Options with
            {
                FineTune = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );
        string alone = _world.Write(
            "alone/model.onnx",
            File.ReadAllBytes(Path.Combine(_world.Run("first"), "model.onnx"))
        );

        GraftException error = Assert.Throws<GraftException>(() =>
            Trainer.Train(
                added,
                _world.Run("second"),
                Further with
                {
                    ContinueFrom = alone,
                },
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(
            $"'{alone}' cannot be continued: there are no images of its class 'checks'; "
                + "name its run's folder, whose split.csv lists them, or add others",
            error.Message
        );
        Assert.False(Directory.Exists(_world.Run("second")));
    }

    [Theory]
    [InlineData(Pooling.Average, 16)]
    [InlineData(Pooling.AverageAndMax, 32)]
    [InlineData(Pooling.Stages, 24)]
    [InlineData(Pooling.Flatten, 16 * 8 * 8)]
    public void A_model_says_how_it_pools(Pooling pooling, int features)
    {
        Trainer.Train(
            _world.Images,
            _world.Run("first"),
            Options with
            {
                Head = new() { Pooling = pooling },
                FineTune = new() { Epochs = 0 },
                HeadTraining = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

        PreviousHead earlier = PreviousModel.Load(_world.Run("first")).PreviousHead!;

        Assert.Equal((pooling, features), (earlier.Pooling, earlier.Layer!.FeatureCount));
    }

    [Fact]
    public void Known_classes_keep_their_rows_and_new_ones_have_the_probes()
    {
        PreviousHead earlier = new(["b", "a"], new(2, 2, [1, 2, 3, 4], [5, 6]), Pooling.Average);
        LinearLayer probe = new(3, 2, [10, 20, 30, 40, 50, 60], [70, 80, 90]);

        LinearLayer head = earlier.ForClasses(probe, ["a", "b", "c"])!;

        Assert.Equal([3, 4, 1, 2, 50, 60], head.Weight);
        Assert.Equal([6, 5, 90], head.Bias);
        Assert.Null(earlier.ForClasses(new(3, 1, [1, 2, 3], [0, 0, 0]), ["a", "b", "c"]));
    }

    [Fact]
    public void The_limits_of_models_hold_for_an_earlier_model()
    {
        TrainingOptions options = new() { ContinueFrom = _world.BodyPath, Limits = new() { ModelBytes = 100 } };

        GraftException error = Assert.ThrowsAny<GraftException>(() => PreparedBody.Load(options, options.Cache));

        Assert.Contains("more than the limit of 100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_beside_an_earlier_model_is_refused() =>
        Assert.Contains(
            "'ContinueFrom' cannot be used: it continues with the body of an earlier model",
            Assert
                .Throws<OptionsException>(() =>
                    new TrainingOptions
                    {
                        ContinueFrom = "x",
                        Body = new TrainingOptions().Body with { Weights = "y" },
                    }.Validate()
                )
                .Message,
            StringComparison.Ordinal
        );

    private (string Before, string Added) Divide()
    {
        string added = Path.Combine(_world.Run("added"), "stripes");
        Directory.CreateDirectory(Path.GetDirectoryName(added)!);
        Directory.Move(Path.Combine(_world.Images, "stripes"), added);
        return (_world.Images, _world.Run("added"));
    }

    private string[] TestOf(string run)
    {
        string images = RunOptions.Read(_world.Run(run)).Images;
        string root = Directory.Exists(images) ? images : Path.GetDirectoryName(images)!;
        return
        [
            .. SplitFile
                .ReadRows(Path.Combine(_world.Run(run), "split.csv"))
                .Where(row => row.Value.Part == ImagePart.Test)
                .Select(row => Path.GetFullPath(Path.Combine(root, row.Key))),
        ];
    }

    private static float[] Values(OnnxModel model, string weight) =>
        TensorValues.ToSingles(model.Graph.Initializer.Single(one => one.Name == weight));

    private sealed class Listener(Action<TrainingEvent> hear) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => hear(value);
    }
}
