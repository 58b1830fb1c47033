using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Probe;

/// <summary>
/// Fits the linear probes of a run: logistic regression on the body's features, with views as further rows.
/// </summary>
internal static class ProbePhase
{
    private const int Folds = 5;

    /// <summary>
    /// Fits the probe of the features that fine-tuning's head sees, and the one to ship, which may use other features.
    /// The features are chosen on the plain views; only the winner is fitted with all views.
    /// </summary>
    public static Probes Run(
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        ValidationScheme validation,
        ProbePlan plan,
        CancellationToken cancel,
        CheckpointFolder? checkpoints = null
    )
    {
        IReadOnlyList<LabelledImage> images = validation.Folds is null ? data.Train : validation.All;
        FoldedImages folded = new(
            images,
            data.TrueLabelsOf(images),
            validation.Folds is null ? ValidationScheme.FoldsOf(data, images, plan.Seed, Folds) : [.. validation.Folds]
        );
        ProbeResult FitOf(FeatureView features, FoldedImages some, ProbeResult? before) =>
            ProbeFits.Fit(features, data, some.Images, some.Folds, cancel, checkpoints, before);
        FeatureTrial trial = FeatureTrial.Run(extraction, plan.Pooling, folded.Labels, (features, before) =>
            FitOf(features, folded, before)
        );

        ProbeCandidate JudgedOf(TriedFeatures tried) =>
            Judge(body, tried, folded, data, validation, checkpoints, cancel);
        OutOfFoldScore ScoreOf(ProbeCandidate probe, TriedFeatures tried) =>
            OutOfFoldScore.Of(probe.TrainingFit.OutOfFoldLogits, folded.Labels, tried.Extraction.Views);
        ProbeCandidate plain = JudgedOf(trial.Plain);
        ProbeCandidate winner = trial.WinnerIndex == 0 ? plain : JudgedOf(trial.Winner);
        OutOfFoldScore ofPlain = ScoreOf(plain, trial.Plain);
        TrialTable? features = trial.Table(ofPlain, ScoreOf(winner, trial.Winner), out bool isKept);
        bool isPlainBest = trial.WinnerIndex == 0 || !isKept;
        ProbeCandidate best = OnAll(
            body,
            isPlainBest ? plain : winner,
            isPlainBest ? trial.Plain : trial.Winner,
            data,
            validation,
            cancel
        );
        TrialTable?[] tables = [features, FeatureSelection.Table(best.TrainingFit)];
        TrialTable[] trials = [.. tables.OfType<TrialTable>()];
        return new(isPlainBest ? best : plain, best with { Trials = trials }, trial.Plain, folded, ofPlain);
    }

    /// <summary>
    /// Fits the probe of the plain views and the features that fine-tuning's head sees. <see cref="Run"/> begins with
    /// the same fit, and finds it among the checkpoints or in the cache.
    /// </summary>
    public static ProbeCandidate FirstAnswer(
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        ValidationScheme validation,
        ProbePlan plan,
        CancellationToken cancel,
        CheckpointFolder? checkpoints = null
    )
    {
        bool isOpen = plan.Pooling == Pooling.Auto;
        FeatureView seen = isOpen ? extraction.As(Pooling.Average) : extraction;
        ProbePlan first = isOpen ? plan with { Pooling = Pooling.Average } : plan;
        return Run(body, seen.PlainViewOnly, data, validation, first, cancel, checkpoints).Best;
    }

    /// <summary>
    /// Fits the training images only and scores the validation images. With cross-validation, the folds that choose the
    /// penalty score too.
    /// </summary>
    private static ProbeCandidate Judge(
        TrainableBody body,
        TriedFeatures tried,
        FoldedImages images,
        TrainingData data,
        ValidationScheme validation,
        CheckpointFolder? checkpoints,
        CancellationToken cancel
    )
    {
        FeatureView extraction = tried.Extraction;
        ProbeResult judged =
            extraction.Views == 1
                ? tried.Probe
                : ProbeFits.Fit(
                    extraction,
                    data,
                    images.Images,
                    images.Folds,
                    cancel,
                    checkpoints,
                    tried.Probe,
                    triesClosedForm: true
                );
        float[] logits = validation.Folds is null
            ? ProbeFits.Logits(judged.Layer, extraction, validation.Images)
            : OutOfFoldOf(judged, images.Folds, extraction.Views, data.ClassCount);
        return new(
            judged,
            new(() =>
                SeesAll(data, validation)
                    ? judged
                    : ProbeFits.Refit(judged, extraction, data, data.Everything, CancellationToken.None)
            ), // of a second; whoever asks has something to ship already
            NetworkFactory.WithProbe(body, tried.Pooling, judged),
            ModelCandidate.CalibratedScore(logits, validation.Labels),
            logits,
            validation.Labels
        );
    }

    /// <summary>
    /// The probe to ship. It is fitted on the validation images too where these were drawn from the training images,
    /// with the penalty that the training images chose.
    /// </summary>
    private static ProbeCandidate OnAll(
        TrainableBody body,
        ProbeCandidate probe,
        TriedFeatures tried,
        TrainingData data,
        ValidationScheme validation,
        CancellationToken cancel
    )
    {
        if (SeesAll(data, validation))
        {
            return probe;
        }

        double[] heldOut = HeldOutOf(probe, tried.Extraction.Views, data);
        ProbeResult shipped = ProbeFits.Refit(probe.TrainingFit, tried.Extraction, data, data.Everything, cancel) with
        {
            OutOfFoldLogits = heldOut,
        };
        TrueLabels labels = data.TrueLabelsOf(data.Everything);
        int[] known = [.. Enumerable.Range(0, labels.Count).Where(n => !double.IsNaN(heldOut[n * data.ClassCount]))];
        return probe with
        {
            LazyFinalFit = new(shipped),
            Network = NetworkFactory.WithProbe(body, tried.Pooling, shipped),
            HeldOutLogits =
            [
                .. known
                    .SelectMany(n => heldOut.AsSpan(n * data.ClassCount, data.ClassCount).ToArray())
                    .Select(logit => (float)logit),
            ],
            HeldOutLabels = labels.At(known),
        };
    }

    // Logits [N,C] of the plain views of all images, by fits that did not see them: of the training images out of fold,
    // of the validation images by the training images. NaN where an image was never held out.
    private static double[] HeldOutOf(ProbeCandidate probe, int views, TrainingData data)
    {
        int classCount = data.ClassCount;
        Dictionary<string, double[]> found = [];
        for (int n = 0; n < data.Train.Count; n++)
        {
            found[data.Train[n].Name] = probe.TrainingFit.OutOfFoldLogits[
                (n * views * classCount)..(((n * views) + 1) * classCount)
            ];
        }

        for (int n = 0; n < data.Validation.Count; n++)
        {
            float[] logits = probe.Logits[(n * classCount)..((n + 1) * classCount)];
            found[data.Validation[n].Name] = Array.ConvertAll(logits, logit => (double)logit);
        }

        return [.. data.Everything.SelectMany(image => found[image.Name])];
    }

    // True where the scored fit has already seen all images that the shipped one may see.
    private static bool SeesAll(TrainingData data, ValidationScheme validation) =>
        validation.Folds is not null || data.HasOwnValidation;

    // Logits of the plain views.
    private static float[] OutOfFoldOf(ProbeResult probe, int[] folds, int views, int classCount) =>
        [
            .. Enumerable
                .Range(0, folds.Length)
                .Where(image => folds[image] != StratifiedFolds.NeverHeldOut)
                .SelectMany(image => probe.OutOfFoldLogits.AsSpan(image * views * classCount, classCount).ToArray())
                .Select(logit => (float)logit),
        ];
}
