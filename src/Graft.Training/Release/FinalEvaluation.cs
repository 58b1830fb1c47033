using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>A test image that the shipped model classifies wrongly.</summary>
/// <param name="Image">The image with its label.</param>
/// <param name="Answer">The class that the model answers.</param>
/// <param name="Confidence">Probability of the answer, 0 to 1.</param>
internal sealed record Mistake(LabelledImage Image, string Answer, double Confidence);

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
    /// <summary>The wrong answers of the shipped model, most confident first.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>Number of groups that the test images belong to; 0: they belong to none.</summary>
    public int TestGroups { get; init; }

    /// <summary>The result in one line.</summary>
    public string Summary =>
        $"accuracy {Shipped.Accuracy:P1} ({Shipped.Correct} of {Shipped.Count})"
        + (TestGroups == 0 ? "" : $", on {TestGroups:N0} {(TestGroups == 1 ? "group" : "groups")} of images")
        + (
            LeakedCount == 0
                ? ""
                : $"; {LeakedCount} test images show the same as a training or validation image"
                    + (WithoutLeaks is null ? "" : $", accuracy without them {WithoutLeaks.Accuracy:P1}")
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
            files.Add(ModelExport.Build(choice.Probe.Network, body.Preprocessing, 1, data.ClassCount).ToBytes());
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
        int[] labels = data.LabelsOf(data.Test);
        Evaluation shipped = Evaluation.Of(data.Set.Classes, labels, probabilities[0], exported.Threshold?.UnsureBelow);
        double before = Evaluation
            .Of(data.Set.Classes, labels, Temperature.Undo(probabilities[0], data.ClassCount, exported.Temperature))
            .CalibrationError;
        bool[] areLeaked = data.AreLeaked;
        Evaluation probe = files.Count == 1 ? shipped : Evaluation.Of(data.Set.Classes, labels, probabilities[1]);
        return new(
            exported,
            shipped,
            before,
            probe,
            areLeaked.Count(leaked => leaked),
            WithoutLeaksOf(data.Set.Classes, labels, probabilities[0], areLeaked)
        )
        {
            TestGroups = data.Test.Select(image => image.Group).OfType<string>().Distinct().Count(),
            Mistakes = MistakesOf(data, labels, probabilities[0]),
        };
    }

    private static IReadOnlyList<Mistake> MistakesOf(TrainingData data, int[] labels, float[] probabilities)
    {
        List<Mistake> mistakes = [];
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> row = probabilities.AsSpan(n * data.ClassCount, data.ClassCount);
            int answer = ProbabilityMatrix.IndexOfLargest(row);
            if (answer != labels[n])
            {
                mistakes.Add(new(data.Test[n], data.Set.Classes[answer], row[answer]));
            }
        }

        return [.. mistakes.OrderByDescending(mistake => mistake.Confidence)];
    }

    private static Evaluation? WithoutLeaksOf(
        IReadOnlyList<string> classes,
        int[] labels,
        float[] probabilities,
        bool[] areLeaked
    )
    {
        int[] kept = [.. Enumerable.Range(0, labels.Length).Where(i => !areLeaked[i])];
        return kept.Length == labels.Length || kept.Length == 0
            ? null
            : Evaluation.Of(
                classes,
                Array.ConvertAll(kept, i => labels[i]),
                kept.SelectMany(i => probabilities[(i * classes.Count)..((i + 1) * classes.Count)]).ToArray()
            );
    }

    /// <summary>
    /// Writes timing.json, report.html and evaluation.json. Runs with the same seed write the same evaluation.json,
    /// interrupted or not, except for its last member "seconds".
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="choice">The candidates and the one that was shipped.</param>
    /// <param name="clock">The time of each phase.</param>
    public TrainingResult Finish(TrainingRun run, CandidateSelection choice, PhaseClock clock)
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
            ProbeAccuracy = Probe.Accuracy,
            ProbeValidationAccuracy = choice.Probe.Score.Accuracy,
            TestGroups = TestGroups,
            LeakedTestImages = LeakedCount,
            AccuracyWithoutLeaks = WithoutLeaks?.Accuracy,
            AccuracyIntervalWithoutLeaks = WithoutLeaks?.AccuracyInterval,
            Trials = choice.Trials,
            Seconds = clock.Seconds,
        };
        run.WriteTiming(evaluation.Seconds);
        run.Write(
            TrainingRun.ReportName,
            RunPage.Write(this, choice, RunHistory.Of(run.LogLines()), evaluation.Seconds, run.Options)
        );
        run.WriteEvaluation(evaluation.ToJson());
        return new(run.Folder, run.ModelPath, evaluation);
    }
}
