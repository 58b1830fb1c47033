using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The shipped model and the linear probe on the test images.</summary>
/// <param name="Exported">The shipped model.</param>
/// <param name="Shipped">Its evaluation.</param>
/// <param name="CalibrationErrorBefore">Calibration error of its probabilities without the temperature.</param>
/// <param name="Probe">Evaluation of the linear probe.</param>
/// <param name="LeakedCount">Number of test images that show the same as a training or validation image.</param>
/// <param name="WithoutLeaks">The shipped model on the other test images; null if nothing or everything
/// leaked.</param>
internal sealed record FinalEvaluation(
    ExportedModel Exported,
    Evaluation Shipped,
    double CalibrationErrorBefore,
    Evaluation Probe,
    int LeakedCount,
    Evaluation? WithoutLeaks
)
{
    /// <summary>The answers of the shipped model to the test images.</summary>
    public required IReadOnlyList<TestAnswer> Answers { get; init; }

    /// <summary>Which weights were frozen, and the proof.</summary>
    public required FrozenWeights Frozen { get; init; }

    /// <summary>The training images that look most like those with wrong answers.</summary>
    public IReadOnlyList<NearestOfImage> Nearest { get; init; } = [];

    /// <summary>Number of groups that the test images belong to; 0: they belong to none.</summary>
    public int TestGroups { get; init; }

    /// <summary>The result in one line.</summary>
    public string Summary =>
        (
            Shipped.MeanAveragePrecision is double precision
                ? $"mAP {precision:P1}, all labels right in {Shipped.Correct} of {Shipped.Count} images"
                : $"accuracy {Shipped.Accuracy:P1} ({Shipped.Correct} of {Shipped.Count})"
        )
        + (TestGroups == 0 ? "" : $", on {TestGroups:N0} {(TestGroups == 1 ? "group" : "groups")} of images")
        + (
            LeakedCount == 0
                ? ""
                : $"; {LeakedCount} test images show the same as a training or validation image"
                    + (
                        WithoutLeaks is null
                            ? ""
                            : $", {(WithoutLeaks.MeanAveragePrecision is null ? "accuracy" : "mAP")} without them "
                                + $"{WithoutLeaks.Headline:P1}"
                    )
        );

    /// <summary>
    /// Evaluates the exported file and, if it is not the probe itself, the probe exported in the same way.
    /// </summary>
    /// <param name="exported">The shipped model.</param>
    /// <param name="choice">The candidates and the one that was shipped.</param>
    /// <param name="body">The body.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="plan">Limits and threads.</param>
    /// <param name="cache">The cache of answers. Null: none.</param>
    /// <param name="progress">Receives the number of images done.</param>
    public static FinalEvaluation Of(
        ExportedModel exported,
        CandidateSelection choice,
        TrainableBody body,
        TrainingData data,
        ReleasePlan plan,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress
    )
    {
        List<byte[]> files = [exported.Bytes];
        if (!ReferenceEquals(choice.Shipped, choice.Probe))
        {
            files.Add(UncalibratedProbe(choice, body, data));
        }

        IReadOnlyList<float[]> probabilities = TestEvaluation.Probabilities(
            files,
            body.Preprocessing,
            data.Test,
            data.ClassCount,
            plan,
            cache,
            progress
        );
        FaultPoint.Hit("test-images-seen");
        TestedModel tested = new(data, exported.Thresholds, exported.Threshold?.UnsureBelow);
        Evaluation shipped = tested.Evaluate(probabilities[0]);
        double before = tested.Evaluate(exported.Calibration.Undo(probabilities[0])).CalibrationError;
        bool[] areLeaked = data.AreLeaked;
        Evaluation probe = files.Count == 1 ? shipped : tested.Evaluate(probabilities[1]);
        return new(
            exported,
            shipped,
            before,
            probe,
            areLeaked.Count(leaked => leaked),
            tested.WithoutLeaks(probabilities[0], areLeaked)
        )
        {
            TestGroups = data.Test.Select(image => image.Group).OfType<string>().Distinct().Count(),
            Answers = tested.Answers(probabilities[0]),
            Frozen = FrozenWeights.Of(body, choice.Shipped),
        };
    }

    private static byte[] UncalibratedProbe(CandidateSelection choice, TrainableBody body, TrainingData data)
    {
        Calibration none = Calibration.None(choice.Probe.Labels.AreSets, data.ClassCount);
        return ModelExport.Build(choice.Probe.Network, body.Preprocessing, none, data.ClassCount).ToBytes();
    }

    /// <summary>
    /// Writes timing.json, predictions.csv, nearest.json, report.html and evaluation.json. Runs with the same seed
    /// write the same evaluation.json, interrupted or not, except for its last member "seconds".
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="choice">The candidates and the one that was shipped.</param>
    /// <param name="clock">The time of each phase.</param>
    /// <param name="data">The images of the run.</param>
    public TrainingResult Finish(TrainingRun run, CandidateSelection choice, PhaseClock clock, TrainingData data)
    {
        RunEvaluation evaluation = new(Shipped)
        {
            CalibrationErrorBefore = CalibrationErrorBefore,
            Temperature = Exported.Temperature,
            MaxError = Exported.Threshold?.MaxError,
            UnsureBelow = Exported.Threshold?.UnsureBelow,
            Shipped = choice.Shipped.Name,
            Reason = choice.Reason,
            Stopped = choice.Stopped,
            ValidationAccuracy = choice.Shipped.Score.Accuracy,
            ProbeAccuracy = Probe.Headline,
            ProbeValidationAccuracy = choice.Probe.Score.Accuracy,
            TestGroups = TestGroups,
            LeakedTestImages = LeakedCount,
            AccuracyWithoutLeaks = WithoutLeaks?.Headline,
            AccuracyIntervalWithoutLeaks = WithoutLeaks?.HeadlineInterval,
            Trials = choice.Trials,
            Frozen = Frozen,
            Seconds = clock.Seconds,
        };
        run.WriteTiming(evaluation.Seconds);
        run.Write(TestAnswers.FileName, TestAnswers.ToText(Answers, data.Task));
        run.Write(NearestFile.FileName, NearestFile.ToText(Nearest));
        ReportSource source = new(run.Folder, run.Options, evaluation, RunHistory.Of(run.LogLines()), Answers)
        {
            Images = data.Split.Images,
        };
        run.Write(TrainingRun.ReportName, RunPage.Write(source));
        run.WriteEvaluation(evaluation.ToJson());
        return new(run.Folder, run.ModelPath, evaluation);
    }
}
