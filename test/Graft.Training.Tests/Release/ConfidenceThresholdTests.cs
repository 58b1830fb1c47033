using System.Text.Json;
using Graft.Prediction;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class ConfidenceThresholdTests : IDisposable
{
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Without_a_limit_there_is_no_threshold()
    {
        Assert.Null(ConfidenceThreshold.Of([2, 0], [0], 1, maxError: null));
    }

    [Fact]
    public void The_threshold_is_a_confidence_after_the_temperature()
    {
        // 400 images of logit difference 8, always right; 100 of 1, every other one wrong.
        (float[] logits, int[] labels) = Answers(400, 100);

        ConfidenceThreshold found = ConfidenceThreshold.Of(logits, labels, temperature: 2, 0.01)!;

        Assert.Equal(1 / (1 + Math.Exp(-8 / 2.0)), found.UnsureBelow!.Value, 1e-6);
        Assert.Equal((400, 0), (found.Found!.Answered, found.Found.Errors));
        Assert.Equal(
            "Below a confidence of 0.982 the model is unsure; of the 500 held-out images it answers 400, 0 of them wrongly; its errors are at most 1% of its answers with 95% confidence.",
            Told(found).Text
        );
    }

    [Fact]
    public void What_too_few_images_do_not_prove_is_said()
    {
        (float[] logits, int[] labels) = Answers(40, 10);

        Notice told = Told(ConfidenceThreshold.Of(logits, labels, temperature: 1, 0.01)!);

        Assert.Equal(
            "Below a confidence of 1.000 the model is unsure; of the 50 held-out images it answers 40, 0 of them wrongly; they do not prove 1% (that takes at least 299, without an error), and so its confidences promise as much too.",
            told.Text
        );
        Assert.False(told.IsWarning);
    }

    [Fact]
    public void Where_no_threshold_keeps_to_the_limit_one_line_says_so()
    {
        (float[] logits, int[] labels) = Answers(0, 100);

        ConfidenceThreshold none = ConfidenceThreshold.Of(logits, labels, temperature: 1, 0.01)!;
        Notice told = Told(none);

        Assert.Null(none.UnsureBelow);
        Assert.True(told.IsWarning);
        Assert.StartsWith(
            "No confidence keeps the errors at 1% of the answers on the 100 held-out images",
            told.Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', told.Text);
    }

    [Fact]
    public void A_run_with_a_limit_writes_its_threshold_into_the_model_and_what_it_does_into_the_evaluation()
    {
        TrainingOptions options = _world.Options with
        {
            MaxError = 0.3,
            FineTune = new() { Epochs = 0 },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        using Predictor predictor = Predictor.Load(result.ModelPath);
        JsonElement json = Json(result, "evaluation.json");
        double threshold = json.GetProperty("unsureBelow").GetDouble();
        Assert.Equal(threshold, predictor.Card.UnsureBelow);
        Assert.InRange(threshold, 1 / 3.0, 1);
        LabelledImage[] test =
        [
            .. SplitFile
                .Read(
                    Path.Combine(result.RunFolder, "split.csv"),
                    ImageSet.Load(_world.Images, cancel: TestContext.Current.CancellationToken)
                )
                .Images.Where(image => image.Part == ImagePart.Test),
        ];
        (bool IsSure, bool IsWrong)[] answers =
        [
            .. test.Select(image => (predictor.Predict(image.File!), image.Label))
                .Select(pair => (pair.Item1.IsSure, pair.Item1.Label != pair.Label)),
        ];
        JsonElement sure = json.GetProperty("sure");
        Assert.Equal(answers.Count(answer => answer.IsSure), sure.GetProperty("answered").GetInt32());
        Assert.Equal(answers.Count(answer => answer.IsSure && answer.IsWrong), sure.GetProperty("errors").GetInt32());
        Assert.Equal(0.3, json.GetProperty("maxError").GetDouble());
        // what a resumed run takes
        Assert.Equal(0.3, Json(result, "options.json").GetProperty("options").GetProperty("maxError").GetDouble());
        Assert.Equal(0.3, RunOptions.Read(result.RunFolder).Options.MaxError);
    }

    [Fact]
    public void A_run_tells_its_calibration_before_and_after_the_temperature_and_its_risk_by_coverage()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                FineTune = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

        JsonElement json = Json(result, "evaluation.json");
        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Null(predictor.Card.UnsureBelow);
        Assert.False(json.TryGetProperty("maxError", out _) || json.TryGetProperty("sure", out _));
        Assert.Equal(predictor.Card.Temperature, json.GetProperty("temperature").GetDouble());
        Assert.InRange(json.GetProperty("calibrationErrorBefore").GetDouble(), 0, 1);
        Assert.Equal(
            predictor.Card.Temperature == 1,
            json.GetProperty("calibrationErrorBefore").GetDouble() == json.GetProperty("calibrationError").GetDouble()
        );
        JsonElement all = json.GetProperty("riskCoverage")[0];
        Assert.Equal(
            (1.0, 1 - result.Evaluation.Accuracy),
            (all.GetProperty("coverage").GetDouble(), all.GetProperty("error").GetDouble()),
            PairComparer
        );
    }

    private static EqualityComparer<(double, double)> PairComparer { get; } =
        EqualityComparer<(double, double)>.Create(
            (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12
        );

    private static JsonElement Json(TrainingResult result, string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(result.RunFolder, file))).RootElement;

    private static (float[] Logits, int[] Labels) Answers(int sure, int doubtful) =>
        (
            [.. Enumerable.Range(0, sure + doubtful).SelectMany(n => new[] { n < sure ? 8f : 1f, 0f })],
            [.. Enumerable.Range(0, sure + doubtful).Select(n => n < sure ? 0 : n % 2)]
        );

    private static Notice Told(ConfidenceThreshold threshold)
    {
        Listener listener = new();
        threshold.Tell(listener);
        return listener.Notice!;
    }

    private sealed class Listener : IProgress<TrainingEvent>
    {
        public Notice? Notice { get; private set; }

        public void Report(TrainingEvent value) => Notice = (Notice)value;
    }
}
