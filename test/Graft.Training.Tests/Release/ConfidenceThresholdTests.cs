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
        // 400 images with a logit difference of 8 are right; 100 with a difference of 1 are right half of the time.
        (float[] logits, int[] labels) = Answers(400, 100);

        ConfidenceThreshold found = ConfidenceThreshold.Of(logits, labels, temperature: 2, 0.01)!;

        Assert.Equal(1 / (1 + Math.Exp(-8 / 2.0)), found.UnsureBelow!.Value, 1e-6);
        Assert.Equal((400, 0), (found.Found!.Answered, found.Found.Errors));
        Assert.Equal(
            "Below a confidence of 0.982 the model is unsure. It answers 400 of the 500 held-out images, 0 of them "
                + "wrongly. With 95% confidence, at most 1% of its answers are wrong.",
            Reported(found).Text
        );
    }

    [Fact]
    public void Too_few_images_to_prove_the_limit_are_reported()
    {
        (float[] logits, int[] labels) = Answers(40, 10);

        Notice notice = Reported(ConfidenceThreshold.Of(logits, labels, temperature: 1, 0.01)!);

        Assert.Equal(
            "Below a confidence of 1.000 the model is unsure. It answers 40 of the 50 held-out images, 0 of them "
                + "wrongly. The answers are too few to prove 1%: that takes 299 without an error.",
            notice.Text
        );
        Assert.False(notice.IsWarning);
    }

    [Fact]
    public void A_limit_that_no_threshold_keeps_is_reported_in_one_line()
    {
        (float[] logits, int[] labels) = Answers(0, 100);

        ConfidenceThreshold none = ConfidenceThreshold.Of(logits, labels, temperature: 1, 0.01)!;
        Notice notice = Reported(none);

        Assert.Null(none.UnsureBelow);
        Assert.True(notice.IsWarning);
        Assert.StartsWith(
            "No confidence threshold keeps the errors below 1% of the answers on the 100 held-out images",
            notice.Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', notice.Text);
    }

    [Fact]
    public void A_run_with_a_limit_writes_its_threshold_into_the_model_and_its_effect_into_the_evaluation()
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
        // a resumed run reads it from there
        Assert.Equal(0.3, Json(result, "options.json").GetProperty("options").GetProperty("maxError").GetDouble());
        Assert.Equal(0.3, RunOptions.Read(result.RunFolder).Options.MaxError);
    }

    [Fact]
    public void A_run_records_its_calibration_before_and_after_the_temperature_and_its_risk_by_coverage()
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

    private static Notice Reported(ConfidenceThreshold threshold)
    {
        Listener listener = new();
        threshold.Report(listener);
        return listener.Notice!;
    }

    private sealed class Listener : IProgress<TrainingEvent>
    {
        public Notice? Notice { get; private set; }

        public void Report(TrainingEvent value) => Notice = (Notice)value;
    }
}
