using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
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
    /// <param name="triesClosedForm">True: linear discriminant analysis is tried beside logistic regression.</param>
    public static ProbeResult Fit(
        FeatureView extraction,
        TrainingData data,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<int> folds,
        CancellationToken cancel,
        CheckpointFolder? checkpoints = null,
        ProbeResult? before = null,
        bool triesClosedForm = false
    )
    {
        int views = extraction.Views;
        int[] rows = RowsOf(extraction, images);
        TrueLabels labels = data.TrueLabelsOf(images).Repeated(views);
        int[] rowFolds = [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))];
        double[]? weights = WeightsOf(data, labels);
        double[]? positiveWeights = PositiveWeightsOf(data, labels);
        ProbeResult Search()
        {
            ProcessMemory.Return(); // what the fit before this one needed
            using IDisposable memory = MemoryFor(rows.Length, extraction.FeatureCount);
            return ProbeSearch.Run(
                new(extraction.Rows(rows), labels, data.ClassCount)
                {
                    Weights = weights,
                    PositiveWeights = positiveWeights,
                    IsScored = PlainOf(rows, views),
                    TriesClosedForm = triesClosedForm,
                },
                rowFolds,
                null,
                cancel,
                before?.InverseL2
            );
        }

        string key = KeyOf(extraction, images, folds, before, triesClosedForm);
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("probe", key);
        return CachedProbe.GetOrFit(
            extraction,
            rows,
            labels,
            weights ?? positiveWeights,
            rowFolds,
            data.ClassCount,
            before?.InverseL2,
            $"{triesClosedForm}",
            () => ProbeCheckpoint.GetOrFit(kept, Search)
        );
    }

    // The page faults of fresh memory in every iteration cost a quarter of a fit's time. Only many rows would leave too
    // much behind.
    private static IDisposable MemoryFor(int rows, int features) =>
        (long)rows * features <= RotatedFeatures.MostInMemory
            ? ProcessMemory.KeepFreedBlocks()
            : ProcessMemory.KeepLargeBlocksApart();

    // Of everything that a fit depends on.
    private static string KeyOf(
        FeatureView extraction,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<int> folds,
        ProbeResult? before,
        bool triesClosedForm
    ) =>
        Fingerprint.Of(
            images
                .Select(image => $"{image.Name} {image.ContentHash} {image.Label}")
                .Concat(folds.Select(fold => $"{fold}"))
                .Append(
                    $"{before?.InverseL2} {triesClosedForm} {extraction.Views} {extraction.Features.Length} "
                        + extraction.Columns.Name
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
        TrueLabels labels = data.TrueLabelsOf(images).Repeated(extraction.Views);
        double[]? weights = WeightsOf(data, labels);
        double[]? positiveWeights = PositiveWeightsOf(data, labels);
        ProbeResult Fitted()
        {
            ProbeTrainingSet all = new(extraction.Rows(rows), labels, data.ClassCount)
            {
                Weights = weights,
                PositiveWeights = positiveWeights,
                IsScored = PlainOf(rows, extraction.Views),
            };
            return probe with
            {
                Layer = ProbeSearch.FitWithPenalty(
                    all,
                    probe.InverseL2,
                    probe.ClassInverseL2,
                    probe.ClosedForm,
                    cancel
                ),
                OutOfFoldLogits = [],
            };
        }

        // without folds: nothing is held out
        return CachedProbe.GetOrFit(
            extraction,
            rows,
            labels,
            weights ?? positiveWeights,
            folds: [],
            data.ClassCount,
            probe.InverseL2,
            $"{probe.ClosedForm} {string.Join(' ', (probe.ClassInverseL2 ?? []).Select(own => $"{own:R}"))}".TrimEnd(),
            Fitted
        ) with
        {
            OutOfFoldLogits = probe.OutOfFoldLogits,
        };
    }

    private static bool[] PlainOf(int[] rows, int views) =>
        [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)];

    public static int[] RowsOf(FeatureView extraction, IReadOnlyList<LabelledImage> images) =>
        [.. images.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Name], extraction.Views))];

    /// <summary>Factor of each row's loss, [N]; null: all are 1.</summary>
    public static double[]? WeightsOf(TrainingData data, TrueLabels labels) =>
        data.Balance == Balance.None || labels.AreSets ? null : ClassWeights.Balanced(labels.Numbers, data.ClassCount);

    /// <summary>
    /// Factor of the loss of each class's positives, [C], where images may have several classes; null: all are 1.
    /// </summary>
    public static double[]? PositiveWeightsOf(TrainingData data, TrueLabels labels) =>
        data.Balance == Balance.None || !labels.AreSets ? null : ClassWeights.OfPositives(labels);

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
