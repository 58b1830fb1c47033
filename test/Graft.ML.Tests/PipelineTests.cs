using System.IO.Compression;
using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Tests;

[Collection("torch")]
public sealed class PipelineTests(FittedParts fitted) : IClassFixture<FittedParts>
{
    [Fact]
    public void The_answers_of_a_pipeline_are_those_of_its_onnx_file()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Root, "parts.onnx");

        Answer[] answers = fitted.Answers(fitted.Model);
        fitted.Transformer.SaveOnnx(path);

        using Predictor predictor = Predictor.Load(path);
        string[] labels =
        [
            .. Parts.Rows(12, 6).Select(row => predictor.Predict(Path.Combine(Parts.Folder, row.Image)).Label),
        ];
        Assert.Equal(labels, answers.Select(answer => answer.PredictedLabel));
        Assert.All(answers, answer => Assert.Equal(1, answer.Score.Sum(), tolerance: 1e-4));
    }

    [Fact]
    public void The_evaluator_of_mlnet_understands_the_outputs()
    {
        IDataView scored = fitted.Transformer.Transform(fitted.Model.First().Transform(fitted.Test));

        MulticlassClassificationMetrics metrics = fitted.Context.MulticlassClassification.Evaluate(
            scored,
            topKPredictionCount: 2
        );

        Assert.InRange(metrics.MicroAccuracy, 0.7, 1);
        Assert.InRange(metrics.TopKAccuracy, metrics.MicroAccuracy, 1);
        Assert.InRange(metrics.LogLoss, 0, 1);
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
    }

    [Fact]
    public void The_score_names_its_classes_in_the_order_of_the_keys()
    {
        DataViewSchema schema = fitted.Model.GetOutputSchema(fitted.Test.Schema);

        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);

        Assert.Equal(["nut", "bolt", "gear"], names.DenseValues().Select(name => name.ToString()));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Score"].Type);
    }

    [Fact]
    public void A_saved_model_gives_the_same_scores_and_holds_the_onnx_file()
    {
        using TemporaryFolder folder = new();
        string zip = Path.Combine(folder.Root, "model.zip");
        string onnx = Path.Combine(folder.Root, "model.onnx");

        fitted.Context.Model.Save(fitted.Model, fitted.Train.Schema, zip);
        ITransformer loaded = new MLContext().Model.Load(zip, out DataViewSchema schema);
        fitted.Transformer.SaveOnnx(onnx);

        Assert.Equal(["Image", "Part"], schema.Select(column => column.Name));
        Assert.Equal(
            fitted.Answers(fitted.Model).Select(answer => answer.Score),
            fitted.Answers(loaded).Select(answer => answer.Score)
        );
        using ZipArchive archive = ZipFile.OpenRead(zip);
        ZipArchiveEntry entry = archive.Entries.Single(one => one.Name == "model.onnx");
        using MemoryStream bytes = new();
        entry.Open().CopyTo(bytes);
        Assert.Equal(File.ReadAllBytes(onnx), bytes.ToArray());
        ((IDisposable)loaded).Dispose();
    }

    [Fact]
    public void A_prediction_engine_answers_each_image_anew()
    {
        PartRow[] rows = Parts.Rows(12, 6);
        using PredictionEngine<PartRow, Answer> engine = fitted.Context.Model.CreatePredictionEngine<PartRow, Answer>(
            fitted.Model,
            new PredictionEngineOptions { OwnsTransformer = false }
        );

        Answer[] answers = [.. rows.Select(engine.Predict)];

        Assert.Equal(
            fitted.Answers(fitted.Model).Select(answer => answer.Score),
            answers.Select(answer => answer.Score)
        );
    }

    [Fact]
    public void Reading_other_columns_runs_no_network()
    {
        MLContext context = fitted.Context;
        IDataView missing = context.Data.LoadFromEnumerable([new PartRow { Image = "no/such.jpg", Part = "nut" }]);

        IDataView scored = fitted.Model.Transform(missing);

        Assert.Equal(["nut"], scored.GetColumn<string>("Part"));
        Assert.Throws<Imaging.ImageException>(() => scored.GetColumn<float[]>("Score").ToArray());
    }

    [Fact]
    public void The_evaluation_and_card_of_the_training_are_at_hand()
    {
        Assert.Equal(["bolt", "gear", "nut"], fitted.Transformer.Card.Labels);
        Assert.InRange(fitted.Transformer.Evaluation!.ValidationAccuracy, 0.5, 1);
        Assert.Null(fitted.Transformer.RunFolder);
    }
}
