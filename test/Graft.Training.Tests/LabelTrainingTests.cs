using System.Text.Json.Nodes;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class LabelTrainingTests : IDisposable
{
    private readonly ToyLabels _toy = new();

    [Fact]
    public void Images_of_several_labels_become_a_file_that_gives_several_or_none()
    {
        TrainingResult result = Train("run", _toy.Options);

        Assert.True(result.Evaluation.MeanAveragePrecision >= 0.8, $"mAP {result.Evaluation.MeanAveragePrecision}");
        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Equal(ClassificationTask.MultiLabel, predictor.Card.Task);
        Assert.Equal(3, predictor.Card.Thresholds!.Count);
        Assert.Equal(["probabilities", "unfamiliarity"], predictor.Card.Outputs.Select(output => output.Name));
        ImagePrediction[] answers = [.. _toy.Pictures.Select(path => predictor.Predict(path))];
        Assert.Contains(answers, answer => answer.Labels.Count == 0);
        Assert.Contains(answers, answer => answer.Labels.Count >= 2);
        Assert.Contains(answers, answer => answer.Scores.Sum(score => score.Probability) > 1.5);
    }

    [Fact]
    public void Evaluation_json_names_the_figures_of_several_labels_at_its_top()
    {
        TrainingResult result = Train("run", _toy.Options);

        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")))!;
        string[] names = ["meanAveragePrecision", "microF1", "macroF1", "exactMatch", "hammingLoss", "coverageError"];
        Assert.All(names, name => Assert.True(json[name] is not null, name));
        JsonNode first = json["classes"]![0]!;
        Assert.NotNull(first["averagePrecision"]);
        Assert.Equal(2, first["averagePrecisionInterval"]!.AsArray().Count);
        Assert.Equal(2, first["f1Interval"]!.AsArray().Count);
        RunEvaluation read = RunEvaluation.Read(Path.Combine(result.RunFolder, "evaluation.json"));
        Assert.Equal(result.Evaluation.MeanAveragePrecision, read.MeanAveragePrecision);
    }

    [Fact]
    public void The_model_s_file_gives_the_figures_of_the_run()
    {
        TrainingResult result = Train("run", _toy.Options);
        using Predictor predictor = Predictor.Load(result.ModelPath);
        Dictionary<string, SplitRow> rows = SplitFile.ReadRows(Path.Combine(result.RunFolder, "split.csv"));
        LabelledImage[] test = [.. _toy.Set.Images.Where(image => rows[image.Name].Part == ImagePart.Test)];

        Evaluation again = ModelEvaluation.Evaluate(predictor, test, cancel: TestContext.Current.CancellationToken);

        Assert.Equal(result.Evaluation.MeanAveragePrecision!.Value, again.MeanAveragePrecision!.Value, 1e-6);
        Assert.Equal(result.Evaluation.ExactMatch, again.ExactMatch);
    }

    [Fact]
    public void A_stopped_run_ends_with_the_bytes_of_an_uninterrupted_one_without_the_cache()
    {
        // the engine is chosen by a measurement where there is a cache, and by a table where there is none
        TrainingOptions options = _toy.Options with { Threads = 1, Engine = Engine.OnnxRuntime };
        using CancellationTokenSource stop = new();
        Seen events = new(e =>
        {
            if (e is EpochEnded { Epoch: 2 })
            {
                stop.Cancel();
            }
        });
        Trainer.Train(_toy.Set, _toy.Run("run"), options with { Cache = new() { IsOn = false } }, events, stop.Token);

        TrainingResult resumed = Trainer.Resume(
            _toy.Run("run"),
            _toy.Set,
            cancel: TestContext.Current.CancellationToken
        );
        TrainingResult whole = Train("whole", options);

        Assert.Equal(LabelsOf(whole.ModelPath), LabelsOf(resumed.ModelPath));
        Assert.Equal(WeightsOf(whole.ModelPath), WeightsOf(resumed.ModelPath));
    }

    [Fact]
    public void Several_seeds_are_repeated_and_summed_up_by_their_mean_average_precision()
    {
        RepeatedTraining all = Trainer.Repeat(
            _toy.Set,
            _toy.Run("seeds"),
            2,
            _toy.Quick,
            cancel: TestContext.Current.CancellationToken
        );

        RunEvaluation first = RunEvaluation.Read(Path.Combine(_toy.Run("seeds"), "seed-1", RunEvaluation.FileName));
        Assert.Equal(2, all.Seeds.Count);
        Assert.Equal(first.MeanAveragePrecision, all.Seeds[0].Accuracy);
    }

    [Fact]
    public void A_fixed_threshold_and_the_most_errors_are_written_into_the_file()
    {
        TrainingResult result = Train("run", _toy.Quick with { Threshold = LabelThreshold.At(0.25), MaxError = 0.3 });

        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Equal([0.25, 0.25, 0.25], predictor.Card.Thresholds);
        Assert.True(predictor.Card.UnsureBelow > 0.25);
    }

    [Fact]
    public void Options_of_the_other_task_are_refused_by_name()
    {
        using ToyWorld world = new();
        TrainingOptions coTuned = _toy.Options with { FineTune = _toy.Options.FineTune with { CoTuning = 1 } };

        GraftException several = Assert.ThrowsAny<GraftException>(() => Train("several", coTuned));
        GraftException single = Assert.ThrowsAny<GraftException>(() =>
            Trainer.Train(
                world.Images,
                world.Run("single"),
                _toy.Quick with
                {
                    Threshold = LabelThreshold.BestF1,
                },
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Equal("FineTune.CoTuning", several.Option);
        Assert.Equal("Threshold", single.Option);
    }

    [Fact]
    public void A_model_of_several_labels_is_continued_with_a_new_one()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string early = _toy.List(
            "early.csv",
            _toy.Images.Take(32).Select(one => (one.Name, one.Labels.AsEnumerable()))
        );
        string late = _toy.List(
            "late.csv",
            _toy.Images.Skip(32)
                .Select(one =>
                    (one.Name, one.Labels.Count == 2 ? one.Labels.Append("pairs") : one.Labels.AsEnumerable())
                )
        );

        Trainer.Train(early, _toy.Run("first"), _toy.Quick, cancel: cancel);
        TrainingResult second = Trainer.Train(
            late,
            _toy.Run("second"),
            new() { ContinueFrom = _toy.Run("first"), Effort = Effort.Quick },
            cancel: cancel
        );

        using Predictor predictor = Predictor.Load(second.ModelPath);
        Assert.Equal(["checks", "pairs", "rings", "stripes"], predictor.Card.Labels);
        Assert.Equal(4, predictor.Card.Thresholds!.Count);
    }

    [Fact]
    public void One_label_a_picture_can_be_trained_as_several()
    {
        using ToyWorld world = new();

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            _toy.Quick with
            {
                Task = ClassificationTask.MultiLabel,
            },
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(result.Evaluation.MeanAveragePrecision > 0.7, $"{result.Evaluation.MeanAveragePrecision}");
    }

    public void Dispose() => _toy.Dispose();

    private TrainingResult Train(string run, TrainingOptions options) =>
        Trainer.Train(_toy.Set, _toy.Run(run), options, cancel: TestContext.Current.CancellationToken);

    private static IReadOnlyList<string> LabelsOf(string model)
    {
        using Predictor predictor = Predictor.Load(model);
        return predictor.Card.Labels;
    }

    private sealed class Seen(Action<TrainingEvent> act) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => act(value);
    }

    // without the card, which holds the options
    private static byte[] WeightsOf(string model)
    {
        Graft.Onnx.OnnxModel network = Graft.Onnx.OnnxModel.Load(model);
        network.SetMetadata(ModelCard.MetadataKey, "");
        return network.ToBytes();
    }
}
