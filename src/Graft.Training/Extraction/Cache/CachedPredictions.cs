using Graft.Imaging;

namespace Graft.Training.Extraction;

/// <summary>
/// What a finished file answers to the plain views of some images: kept like activations, by the hashes of the file and
/// the images.
/// </summary>
internal static class CachedPredictions
{
    /// <summary>Row by row: N x the values of <paramref name="shape"/>.</summary>
    /// <param name="file">A .onnx file that takes pixels and has the output <paramref name="edge"/> alone.</param>
    /// <param name="what">Said by `graft cache`.</param>
    /// <param name="cache">Gives the answers of just this file to just these images where they are kept; null: all are
    /// computed.</param>
    /// <exception cref="ImageException">An image cannot be used any more.</exception>
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
            table,
            [rows],
            progress,
            CancellationToken.None,
            "evaluate"
        );
        return unusable.Count == 0
            ? rows.Gather([.. Enumerable.Range(0, images.Count)])
            : throw new ImageException(unusable[0].Path, unusable[0].Reason);
    }
}
