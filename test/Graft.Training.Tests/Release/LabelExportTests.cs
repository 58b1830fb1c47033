using Graft.Prediction;

namespace Graft.Training.Tests;

/// <summary>Models of several labels an image in less precision.</summary>
[Collection("torch")]
public sealed class LabelExportTests(LabelExportTests.TrainedLabels toy)
    : IClassFixture<LabelExportTests.TrainedLabels>,
        IDisposable
{
    // The toy is far too small to be faster in int8.
    private static readonly ExportOptions s_any = new() { MaxLoss = 1, MustBeFaster = false };
    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Root, "small.onnx");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelPrecision.Int8, 0.1)]
    [InlineData(ModelPrecision.Float16, 0.001)]
    public void The_exported_model_gives_the_labels_of_the_trained_one(ModelPrecision precision, double tolerance)
    {
        ExportResult result = Export(toy.Split, precision);

        Assert.Equal(ImagePart.Test, result.ComparedPart);
        Assert.InRange(result.Loss, -tolerance, tolerance);
        using Predictor before = Predictor.Load(toy.Model);
        using Predictor after = Predictor.Load(Target);
        Assert.Equal((precision, ClassificationTask.MultiLabel), (after.Card.Precision, after.Card.Task));
        Assert.Equal(before.Card.Thresholds, after.Card.Thresholds);
        foreach (string path in toy.Pictures.Take(8))
        {
            ImagePrediction one = before.Predict(path);
            ImagePrediction other = after.Predict(path);
            Assert.All(one.Scores, score =>
                Assert.Equal(
                    score.Probability,
                    other.Scores.Single(same => same.Label == score.Label).Probability,
                    precision == ModelPrecision.Int8 ? 0.15 : 0.01
                )
            );
        }
    }

    [Fact]
    public void Its_loss_is_that_of_the_mean_average_precision_with_a_paired_test()
    {
        ExportResult result = Export(toy.Split, ModelPrecision.Int8);

        Comparison compared = result.Comparison;
        Assert.Equal(
            compared.First.MeanAveragePrecision!.Value - compared.Second.MeanAveragePrecision!.Value,
            result.Loss,
            1e-12
        );
        Assert.InRange(compared.MeanAveragePrecisionDifference!.PValue, 0.0001, 1);
        Assert.All(result.Trials, trial => Assert.InRange(trial.Accuracy, 0.5, 1));
        using Predictor exported = Predictor.Load(Target);
        Assert.Equal(compared.Second.MeanAveragePrecision, exported.Card.Scores.TestAccuracy);
    }

    [Fact]
    public void A_label_that_the_model_does_not_know_is_refused()
    {
        ImageSet set = toy.SetWhere(image => image.Labels.Count == 3 ? [.. image.Labels, "dots"] : image.Labels);

        GraftException error = Assert.Throws<GraftException>(() =>
            Export(set.Split(cancel: TestContext.Current.CancellationToken), ModelPrecision.Float16)
        );

        Assert.Contains("its class 'dots' is none of the model's", error.Message, StringComparison.Ordinal);
    }

    private ExportResult Export(ImageSplit images, ModelPrecision precision) =>
        ModelExporter.Export(
            toy.Model,
            images,
            Target,
            s_any with
            {
                Precision = precision,
            },
            cancel: TestContext.Current.CancellationToken
        );

    /// <summary>A run of images of several labels, trained once.</summary>
    public sealed class TrainedLabels : IDisposable
    {
        private readonly ToyLabels _toy = new();

        public TrainedLabels()
        {
            Trainer.Train(_toy.Files(), _toy.Run("run"), _toy.Quick);
            Split = RunFolder.Open(_toy.Run("run")).ReadSplit();
        }

        public string Model => Path.Combine(_toy.Run("run"), "model.onnx");

        public ImageSplit Split { get; }

        public IReadOnlyList<string> Pictures => _toy.Pictures;

        public ImageSet SetWhere(Func<LabelledImage, IReadOnlyList<string>> labels) =>
            ImageSet
                .CreateAsync(_toy.Images.Select(image => image with { Labels = labels(image) }))
                .GetAwaiter()
                .GetResult();

        public void Dispose() => _toy.Dispose();
    }
}
