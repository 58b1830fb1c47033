using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Training.Probe;

/// <summary>Fits probes on the rows of images, or takes them from the checkpoints or the cache.</summary>
internal static class ProbeFits
{
    /// <summary>
    /// Fits a probe on the rows of images. Cross-validation chooses the penalty; an image's views share its fold.
    /// </summary>
    /// <param name="folds">Fold of each image.</param>
    /// <param name="before">
    /// A probe of mostly the same images, or of fewer of their features. The search begins at its penalty; null: it
    /// covers the whole grid.
    /// </param>
    public static ProbeResult Fit(
        FeatureView extraction,
        TrainingData data,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<int> folds,
        CancellationToken cancel,
        CheckpointFolder? checkpoints = null,
        ProbeResult? before = null
    )
    {
        int views = extraction.Views;
        int[] rows = RowsOf(extraction, images);
        int[] labels = LabelsOf(extraction, data, images);
        int[] rowFolds = [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))];
        double[]? weights = WeightsOf(data, labels);
        ProbeResult Search()
        {
            ProcessMemory.Return(); // what the fit before this one needed
            using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
            return ProbeSearch.Run(
                new(extraction.Rows(rows), labels, data.ClassCount)
                {
                    Weights = weights,
                    IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)],
                },
                rowFolds,
                null,
                cancel,
                before?.InverseL2
            );
        }

        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("probe", KeyOf(extraction, images, folds, before));
        return CachedProbe.GetOrFit(
            extraction,
            rows,
            labels,
            weights,
            rowFolds,
            data.ClassCount,
            before?.InverseL2,
            () => ProbeCheckpoint.GetOrFit(kept, Search)
        );
    }

    // Of everything that a fit depends on.
    private static string KeyOf(
        FeatureView extraction,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<int> folds,
        ProbeResult? before
    ) =>
        Fingerprint.Of(
            images
                .Select(image => $"{image.Name} {image.ContentHash} {image.Label}")
                .Concat(folds.Select(fold => $"{fold}"))
                .Append(
                    $"{before?.InverseL2} {extraction.Views} {extraction.Features.Length} {extraction.Columns.Name}"
                )
        );

    /// <summary>Fits other images with the penalty of a given probe.</summary>
    public static ProbeResult Refit(
        ProbeResult probe,
        FeatureView extraction,
        TrainingData data,
        IReadOnlyList<LabelledImage> images,
        CancellationToken cancel
    )
    {
        int[] rows = RowsOf(extraction, images);
        int[] labels = LabelsOf(extraction, data, images);
        double[]? weights = WeightsOf(data, labels);
        ProbeResult Fitted()
        {
            ProbeTrainingSet all = new(extraction.Rows(rows), labels, data.ClassCount) { Weights = weights };
            return probe with
            {
                Layer = ProbeSearch.FitWithPenalty(all, probe.InverseL2, cancel),
                OutOfFoldLogits = [],
            };
        }

        // without folds: nothing is held out
        return CachedProbe.GetOrFit(
            extraction,
            rows,
            labels,
            weights,
            folds: [],
            data.ClassCount,
            probe.InverseL2,
            Fitted
        ) with
        {
            OutOfFoldLogits = probe.OutOfFoldLogits,
        };
    }

    public static int[] RowsOf(FeatureView extraction, IReadOnlyList<LabelledImage> images) =>
        [.. images.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Name], extraction.Views))];

    private static int[] LabelsOf(FeatureView extraction, TrainingData data, IReadOnlyList<LabelledImage> images) =>
        [.. data.LabelsOf(images).SelectMany(label => Enumerable.Repeat(label, extraction.Views))];

    public static double[]? WeightsOf(TrainingData data, int[] labels) =>
        data.Balance == Balance.None ? null : ClassWeights.Balanced(labels, data.ClassCount);

    /// <summary>Logits of a probe for the plain views of images, [N,C].</summary>
    public static float[] Logits(LinearLayer layer, FeatureView extraction, IReadOnlyList<LabelledImage> images)
    {
        FeatureMatrix features = extraction.Rows([.. images.Select(image => extraction.FirstRows[image.Name])]);
        return
        [
            .. features.Blocks().SelectMany(block => layer.Logits(block.Values.Span)).Select(logit => (float)logit),
        ];
    }
}
