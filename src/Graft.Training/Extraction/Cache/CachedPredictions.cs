using Graft.Imaging;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>
/// Predictions of an exported file for the plain views of images, cached by the hashes of the file and the images.
/// </summary>
internal static class CachedPredictions
{
    /// <summary>The predictions, row by row: N x the values of <paramref name="shape"/>.</summary>
    /// <param name="file">An ONNX file that takes pixels and has the only output <paramref name="edge"/>.</param>
    /// <param name="what">What the values are, for the list of the cache's contents.</param>
    /// <param name="cache">Keeps the predictions; null: all are computed.</param>
    /// <exception cref="ImageException">An image can no longer be used.</exception>
    public static float[] Of(
        byte[] file,
        string edge,
        IReadOnlyList<long> shape,
        string what,
        Preprocessor preprocessor,
        IReadOnlyList<LabelledImage> images,
        int threads,
        ActivationCache? cache,
        IProgress<TrainingEvent>? progress = null
    )
    {
        ViewIndex table = new([.. images.Select((image, row) => new ExtractionItem(image, row, 1, 1))]);
        byte[] stream = CacheKey.OfStream(CacheKey.OnnxRuntime, preprocessor, file, edge, ActivationFormat.Single);
        using ViewExtractor extractor = new(
            () =>
                new OnnxFrozenNetwork(file, what, preprocessor.Preprocessing.Height, preprocessor.Preprocessing.Width),
            preprocessor,
            seed: 0,
            threads,
            cache
        );
        ActivationStore rows = new(
            shape,
            ActivationFormat.Single,
            table,
            stream,
            new("any", what, $"{ActivationFormat.Single}"),
            seed: 0,
            extractor.RowsOf(0),
            cache
        );
        IReadOnlyList<RejectedImage> unusable = extractor.Run(
            new ViewWork(table.Items, ViewRange.All, [rows]),
            progress,
            CancellationToken.None,
            PhaseNames.Evaluation
        );
        return unusable.Count == 0
            ? rows.Gather([.. Enumerable.Range(0, images.Count)])
            : throw new ImageException(unusable[0].Path, unusable[0].Reason);
    }
}
