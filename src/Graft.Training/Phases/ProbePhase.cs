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

    /// <summary>The probe as a candidate: judged by a fit on the training images alone, shipped with a fit on the validation images too where these were drawn.</summary>
    public static ProbeCandidate Run(TrainableBody body, Extraction extraction, TrainingData data, TrainingOptions options, CancellationToken cancel, CheckpointFolder? checkpoints = null)
    {
        ProbeResult judged = Fit(extraction, data, data.Train, options.Seed, cancel, checkpoints);
        float[] logits = Logits(judged.Layer, extraction, data.Validation);
        Score score = Candidate.Judge(logits, data.LabelsOf(data.Validation));
        ProbeResult shipped = data.HasOwnValidation ? judged : Fit(extraction, data, data.Everything, options.Seed, cancel, checkpoints);
        return new(judged, shipped, NetworkFactory.WithProbe(body, options.Head.Pooling, shipped), score, logits);
    }

    /// <summary>Fits the probe on the images' rows, its penalty chosen by cross-validation in which an image's views and copies share a fold.</summary>
    public static ProbeResult Fit(Extraction extraction, TrainingData data, IReadOnlyList<LabelledImage> images, long seed, CancellationToken cancel, CheckpointFolder? checkpoints = null)
    {
        int views = extraction.Views;
        int[] rows = [.. images.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Path], views))];
        int[] labels = [.. data.LabelsOf(images).SelectMany(label => Enumerable.Repeat(label, views))];
        Dictionary<string, int> groupOf = images.Select(image => image.ContentHash).Distinct().Select((hash, number) => (hash, number)).ToDictionary(g => g.hash, g => g.number);
        int[] groups = [.. images.SelectMany(image => Enumerable.Repeat(groupOf[image.ContentHash], views))];
        ProbeRows probeRows = new(extraction.Features.Gather(rows), labels, data.ClassCount)
        {
            IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)],
        };
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("probe", Hashes.Of(images.Select(image => $"{image.Path} {image.ContentHash} {image.Label}")));
        return KeptProbe.Or(kept, () => ProbeSearch.Run(probeRows, StratifiedFolds.Assign(labels, groups, (ulong)seed, Folds), null, cancel));
    }

    /// <summary>The probe's logits for the plain views of some images, N x C.</summary>
    public static float[] Logits(LinearLayer layer, Extraction extraction, IReadOnlyList<LabelledImage> images)
    {
        float[] features = extraction.Features.Gather([.. images.Select(image => extraction.FirstRows[image.Path])]);
        return Array.ConvertAll(layer.Logits(features), logit => (float)logit);
    }
}
