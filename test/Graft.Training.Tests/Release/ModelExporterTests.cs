using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class ModelExporterTests : IClassFixture<ModelExporterTests.TrainedToy>, IDisposable
{
    // The toy is far too small to be faster in int8.
    private static readonly ExportOptions s_any = new() { MaxLoss = 1, MustBeFaster = false };
    private readonly TemporaryFolder _folder = new();
    private readonly TrainedToy _toy;

    public ModelExporterTests(TrainedToy toy) => _toy = toy;

    private string Target => Path.Combine(_folder.Root, "small.onnx");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelPrecision.Int8)]
    [InlineData(ModelPrecision.Float16)]
    public void An_exported_model_answers_like_the_trained_one(ModelPrecision precision)
    {
        ExportResult result = Export(s_any with { Precision = precision });

        Assert.Equal((ImagePart.Test, Target), (result.ComparedPart, result.Path));
        Assert.InRange(result.Loss, -0.1, 0.1);
        using Predictor before = Predictor.Load(_toy.Model);
        using Predictor after = Predictor.Load(Target);
        string image = Path.Combine(_toy.Images, "rings", "03.png");
        Assert.Equal(before.Predict(image).Probability, after.Predict(image).Probability, tolerance: 0.05);
        Assert.Equal(before.Predict(image).Unfamiliarity!.Value, after.Predict(image).Unfamiliarity!.Value, 0.3);
    }

    [Fact]
    public void The_card_says_the_precision_and_the_accuracy_of_the_new_file()
    {
        ExportResult result = Export(s_any);

        using Predictor exported = Predictor.Load(Target);
        Assert.Equal(ModelPrecision.Int8, exported.Card.Precision);
        Assert.Equal(result.Comparison.Second.Accuracy, exported.Card.Scores.TestAccuracy);
        Assert.Equal(result.Chosen!.Accuracy, exported.Card.Scores.ValidationAccuracy);
    }

    [Fact]
    public void The_card_lies_beside_the_new_file_and_beside_the_old_one()
    {
        Export(s_any);

        foreach (string path in (string[])[Target, _toy.Model])
        {
            using Predictor predictor = Predictor.Load(path);
            string beside = File.ReadAllText(Path.ChangeExtension(path, ".json"));
            Assert.Equal(predictor.Card.ToJson(), ModelCard.Parse(beside, path).ToJson());
        }
    }

    [Fact]
    public void A_file_that_is_no_card_is_not_replaced_by_one()
    {
        string other = Path.Combine(_folder.Root, "small.json");
        File.WriteAllText(other, """{"prices":[1,2]}""");

        GraftException error = Assert.Throws<GraftException>(() => Export(s_any));

        Assert.Contains("which is something else; choose another name", error.Message, StringComparison.Ordinal);
        Assert.Equal("""{"prices":[1,2]}""", File.ReadAllText(other));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void The_self_test_is_that_of_the_new_file()
    {
        Export(s_any);

        using Predictor before = Predictor.Load(_toy.Model);
        using Predictor after = Predictor.Load(Target);
        Assert.NotEqual(before.Card.SelfTest.Expected, after.Card.SelfTest.Expected);
    }

    [Fact]
    public void The_same_images_give_the_same_file()
    {
        byte[] first = File.ReadAllBytes(Export(s_any).Path);

        Assert.Equal(first, File.ReadAllBytes(Export(s_any).Path));
    }

    [Fact]
    public void All_methods_are_tried_and_the_smallest_loss_chosen()
    {
        ExportResult result = Export(s_any);

        Assert.Equal(
            Enum.GetValues<CalibrationMethod>(),
            result.Trials.Where(trial => !trial.IsEqualized).Select(trial => trial.Method)
        );
        Assert.Single(result.Trials, trial => trial.IsEqualized);
        Assert.Equal(result.Trials.Min(trial => trial.Loss), result.Chosen!.Loss);
    }

    [Fact]
    public void Channels_of_very_different_ranges_are_equalized()
    {
        string path = Path.Combine(_folder.Root, "wide.onnx");
        Widen(OnnxModel.Load(_toy.Model)).Save(path);

        ExportResult result = ModelExporter.Export(
            path,
            _toy.Split,
            Target,
            s_any,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(result.Chosen!.IsEqualized);
        Assert.InRange(result.Loss, -0.1, 0.1);
    }

    [Fact]
    public void An_exported_model_is_not_exported_again()
    {
        Export(s_any);

        OnnxException error = Assert.Throws<OnnxException>(() =>
            ModelExporter.Export(Target, _toy.Split, Target + "2", s_any, cancel: TestContext.Current.CancellationToken)
        );

        Assert.Contains("it is in int8 already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_other_classes_are_refused()
    {
        using ToyWorld other = new(imagesPerClass: 6);
        Directory.Move(Path.Combine(other.Images, "rings"), Path.Combine(other.Images, "dots"));
        ImageSplit split = ImageSet
            .Load(other.Images, cancel: TestContext.Current.CancellationToken)
            .Split(cancel: TestContext.Current.CancellationToken);

        GraftException error = Assert.Throws<GraftException>(() =>
            ModelExporter.Export(_toy.Model, split, Target, s_any, cancel: TestContext.Current.CancellationToken)
        );

        Assert.Contains("its class 'dots' is none of the model's", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 8, 128)]
    [InlineData(0.1, 4, 128)]
    [InlineData(0.1, 8, 0)]
    public void An_option_out_of_its_range_is_refused(double maxLoss, int bits, int images) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Export(
                new()
                {
                    MaxLoss = maxLoss,
                    WeightBits = bits,
                    CalibrationImages = images,
                }
            )
        );

    [Fact]
    public void The_split_of_a_run_is_read_without_images_that_it_did_not_use()
    {
        Assert.Equal(60, _toy.Split.Images.Length);
        string added = Path.Combine(_toy.Images, "rings", "new.png");
        File.Copy(Path.Combine(_toy.Images, "rings", "03.png"), added);

        ImageSplit split = RunFolder.Open(_toy.Run).ReadSplit(cancel: TestContext.Current.CancellationToken);

        File.Delete(added);
        Assert.Equal(_toy.Split.Images.Select(image => image.Name), split.Images.Select(image => image.Name));
    }

    private ExportResult Export(ExportOptions options) =>
        ModelExporter.Export(_toy.Model, _toy.Split, Target, options, null, TestContext.Current.CancellationToken);

    // One filter's values become so large that the levels of the others' are gone.
    private static OnnxModel Widen(OnnxModel model)
    {
        OnnxGraph graph = new(model);
        NodeProto second = graph.Nodes.Last(node => node.OpType == "Conv");
        string[] kernels = [.. graph.Nodes.Where(node => node.OpType == "Conv").Select(node => node.Input[1])];
        Scale(graph.Weights[kernels[0]], 0, 8, 1e5f);
        TensorProto kernel = graph.Weights[second.Input[1]];
        float[] values = TensorValues.ToSingles(kernel);
        for (int m = 0; m < kernel.Dims[0]; m++)
        {
            for (int i = 0; i < 9; i++)
            {
                values[(m * 8 * 9) + i] /= 1e5f;
            }
        }

        WeightValues.Assign(kernel, values);
        return model;
    }

    private static void Scale(TensorProto kernel, int filter, int filters, float factor)
    {
        float[] values = TensorValues.ToSingles(kernel);
        int size = values.Length / filters;
        for (int i = filter * size; i < (filter + 1) * size; i++)
        {
            values[i] *= factor;
        }

        WeightValues.Assign(kernel, values);
    }

    /// <summary>A run of the toy, trained once.</summary>
    public sealed class TrainedToy : IDisposable
    {
        private readonly ToyWorld _world = new();

        public TrainedToy()
        {
            Trainer.Probe(_world.Images, Run, Options);
            Split = RunFolder.Open(Run).ReadSplit();
        }

        public string Run => _world.Run("run");

        private TrainingOptions Options =>
            new()
            {
                Body = _world.Options.Body,
                Views = 0,
                Head = new() { Pooling = Pooling.Average },
            };

        public string Model => Path.Combine(Run, "model.onnx");

        public string Images => _world.Images;

        public ImageSplit Split { get; }

        public void Dispose() => _world.Dispose();
    }
}
