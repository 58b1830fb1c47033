using Graft.Data;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Runs;

namespace Graft.Training.Phases;

/// <summary>Feature extraction's classifier: logistic regression on the body's features, views as further rows.</summary>
internal static class ProbePhase
{
    private const int Folds = 5;

    /// <summary>The probe of the last map's averages, and the one to ship: that, or one that sees the averages of earlier maps too.</summary>
    public static Probes Run(TrainableBody body, Extraction extraction, TrainingData data, Judges judges, TrainingOptions options, CancellationToken cancel, CheckpointFolder? checkpoints = null)
    {
        bool isChoice = options.Head.Pooling == Pooling.Auto && extraction.PlainCount < extraction.FeatureCount;
        ProbeCandidate plain = Run(body, isChoice ? extraction.Plain : extraction, options.Head.TrainedPooling, data, judges, options, cancel, checkpoints);
        if (!isChoice)
        {
            return new(plain, plain);
        }

        ProbeCandidate wide = Run(body, extraction, Pooling.Stages, data, judges, options, cancel, checkpoints, plain.Judged);
        int[] labels = data.LabelsOf(judges.Folds is null ? data.Train : judges.All);
        bool isWider = FeatureChoice.IsBetter(wide.Judged, plain.Judged, labels, extraction.Views, out TrialTable table);
        return new(plain, (isWider ? wide : plain) with { Trials = [table] });
    }

    /// <summary>
    /// The probe as a candidate: judged by a fit on the training images alone and shipped with a fit on the validation images too where these were drawn;
    /// where cross-validation judges, by the folds that choose the penalty.
    /// </summary>
    private static ProbeCandidate Run(TrainableBody body, Extraction extraction, Pooling pooling, TrainingData data, Judges judges, TrainingOptions options, CancellationToken cancel, CheckpointFolder? checkpoints = null, ProbeResult? before = null)
    {
        if (judges.Folds is { } folds)
        {
            ProbeResult everything = Fit(extraction, data, judges.All, folds, cancel, checkpoints, before);
            return Candidate(everything, everything, OutOfFold(everything, folds));
        }

        ProbeResult judged = Fit(extraction, data, data.Train, Judges.FoldsOf(data, data.Train, options.Seed, Folds), cancel, checkpoints, before);
        float[] logits = Logits(judged.Layer, extraction, judges.Images);
        if (data.HasOwnValidation)
        {
            return Candidate(judged, judged, logits);
        }

        // The second fit may choose another penalty (a neighbour, mostly), with which it is surer or less sure of itself: its own answers out of fold, and seven times as many, tell how sure it may be.
        int[] foldsOfAll = Judges.FoldsOf(data, data.Everything, options.Seed, Folds);
        ProbeResult shipped = Fit(extraction, data, data.Everything, foldsOfAll, cancel, checkpoints, judged);
        return Candidate(judged, shipped, logits) with
        {
            HeldOutLogits = OutOfFold(shipped, foldsOfAll),
            HeldOutLabels = [.. data.LabelsOf(data.Everything).Where((_, i) => foldsOfAll[i] != StratifiedFolds.Never)],
        };

        // Of the plain views.
        float[] OutOfFold(ProbeResult probe, IReadOnlyList<int> folds) => [.. Enumerable.Range(0, folds.Count)
            .Where(image => folds[image] != StratifiedFolds.Never)
            .SelectMany(image => probe.OutOfFold.AsSpan(image * extraction.Views * data.ClassCount, data.ClassCount).ToArray())
            .Select(logit => (float)logit)];

        ProbeCandidate Candidate(ProbeResult judged, ProbeResult shipped, float[] logits) =>
            new(judged, shipped, NetworkFactory.WithProbe(body, pooling, shipped), Phases.Candidate.Judge(logits, judges.Labels), logits, judges.Labels);
    }

    /// <summary>Fits the probe on the images' rows, its penalty chosen by cross-validation in which an image's views share its fold.</summary>
    /// <param name="folds">One an image.</param>
    /// <param name="before">A probe of most of the same images, or of fewer of their features: the search begins at its penalty; null: it has the whole grid.</param>
    public static ProbeResult Fit(Extraction extraction, TrainingData data, IReadOnlyList<LabelledImage> images, IReadOnlyList<int> folds, CancellationToken cancel, CheckpointFolder? checkpoints = null, ProbeResult? before = null)
    {
        int views = extraction.Views;
        int[] rows = RowsOf(extraction, images);
        int[] labels = LabelsOf(extraction, data, images);
        int[] rowFolds = [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))];
        double[]? weights = WeightsOf(data, labels);
        ProbeResult Search() => ProbeSearch.Run(
            new(extraction.Rows(rows), labels, data.ClassCount) { Weights = weights, IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)] }, rowFolds, null, cancel, before?.InverseL2);
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("probe", Hashes.Of(images.Select(image => $"{image.Path} {image.ContentHash} {image.Label}").Concat(folds.Select(fold => $"{fold}")).Append($"{before?.InverseL2} {extraction.FeatureCount}")));
        return KeptProbe.Or(kept, () => CachedProbe.Or(extraction, rows, labels, weights, rowFolds, data.ClassCount, before?.InverseL2, Search));
    }

    /// <summary>The probe of fewer images under the penalty that was chosen for all.</summary>
    public static ProbeResult Refit(ProbeResult probe, Extraction extraction, TrainingData data, IReadOnlyList<LabelledImage> images, CancellationToken cancel)
    {
        int[] labels = LabelsOf(extraction, data, images);
        ProbeRows rows = new(extraction.Rows(RowsOf(extraction, images)), labels, data.ClassCount) { Weights = WeightsOf(data, labels) };
        return probe with { Layer = ProbeSearch.FitAt(rows, probe.InverseL2, cancel) };
    }

    private static int[] RowsOf(Extraction extraction, IReadOnlyList<LabelledImage> images) => [.. images.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Path], extraction.Views))];

    private static int[] LabelsOf(Extraction extraction, TrainingData data, IReadOnlyList<LabelledImage> images) => [.. data.LabelsOf(images).SelectMany(label => Enumerable.Repeat(label, extraction.Views))];

    private static double[]? WeightsOf(TrainingData data, int[] labels) => data.Balance == Balance.None ? null : ProbeRows.BalancedWeights(labels, data.ClassCount);

    /// <summary>The probe's logits for the plain views of some images, N x C.</summary>
    public static float[] Logits(LinearLayer layer, Extraction extraction, IReadOnlyList<LabelledImage> images)
    {
        FeatureRows features = extraction.Rows([.. images.Select(image => extraction.FirstRows[image.Path])]);
        return [.. features.Blocks().SelectMany(block => layer.Logits(block.Values.ToArray())).Select(logit => (float)logit)];
    }
}
