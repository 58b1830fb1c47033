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

    /// <summary>
    /// The probe as a candidate: judged by a fit on the training images alone and shipped with a fit on the validation images too where these were drawn;
    /// where cross-validation judges, by the folds that choose the penalty.
    /// </summary>
    public static ProbeCandidate Run(TrainableBody body, Extraction extraction, TrainingData data, Judges judges, TrainingOptions options, CancellationToken cancel, CheckpointFolder? checkpoints = null)
    {
        if (judges.Folds is { } folds)
        {
            ProbeResult everything = Fit(extraction, data, judges.All, folds, cancel, checkpoints);
            return Candidate(everything, everything, [.. judges.All.Index().Where(image => folds[image.Index] != StratifiedFolds.Never).SelectMany(image => OutOfFold(everything, image.Index))]);
        }

        ProbeResult judged = Fit(extraction, data, data.Train, Judges.FoldsOf(data, data.Train, options.Seed, Folds), cancel, checkpoints);
        ProbeResult shipped = data.HasOwnValidation ? judged : Fit(extraction, data, data.Everything, Judges.FoldsOf(data, data.Everything, options.Seed, Folds), cancel, checkpoints);
        return Candidate(judged, shipped, Logits(judged.Layer, extraction, judges.Images));

        IEnumerable<float> OutOfFold(ProbeResult probe, int image) =>
            probe.OutOfFold.Skip(image * extraction.Views * data.ClassCount).Take(data.ClassCount).Select(logit => (float)logit);     // of the plain view

        ProbeCandidate Candidate(ProbeResult judged, ProbeResult shipped, float[] logits) =>
            new(judged, shipped, NetworkFactory.WithProbe(body, options.Head.Pooling, shipped), Phases.Candidate.Judge(logits, judges.Labels), logits, judges.Labels);
    }

    /// <summary>Fits the probe on the images' rows, its penalty chosen by cross-validation in which an image's views share its fold.</summary>
    /// <param name="folds">One an image.</param>
    public static ProbeResult Fit(Extraction extraction, TrainingData data, IReadOnlyList<LabelledImage> images, IReadOnlyList<int> folds, CancellationToken cancel, CheckpointFolder? checkpoints = null)
    {
        int views = extraction.Views;
        int[] rows = [.. images.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Path], views))];
        int[] labels = [.. data.LabelsOf(images).SelectMany(label => Enumerable.Repeat(label, views))];
        ProbeRows probeRows = new(extraction.Features.Gather(rows), labels, data.ClassCount)
        {
            IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)],
        };
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("probe", Hashes.Of(images.Select(image => $"{image.Path} {image.ContentHash} {image.Label}").Concat(folds.Select(fold => $"{fold}"))));
        return KeptProbe.Or(kept, () => ProbeSearch.Run(probeRows, [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))], null, cancel));
    }

    /// <summary>The probe's logits for the plain views of some images, N x C.</summary>
    public static float[] Logits(LinearLayer layer, Extraction extraction, IReadOnlyList<LabelledImage> images)
    {
        float[] features = extraction.Features.Gather([.. images.Select(image => extraction.FirstRows[image.Path])]);
        return Array.ConvertAll(layer.Logits(features), logit => (float)logit);
    }
}
