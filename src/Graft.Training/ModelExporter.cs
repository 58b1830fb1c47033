using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Release;

namespace Graft.Training;

/// <summary>Exports trained models in less precision, for small and fast deployments.</summary>
public static class ModelExporter
{
    /// <summary>
    /// Writes a model in int8 or float16 and measures it beside the original. For int8, training images give the
    /// ranges of the values and validation images choose how. The test images are only compared.
    /// </summary>
    /// <param name="modelPath">Path of a model that Graft trained, in float32.</param>
    /// <param name="images">Its images with their parts, as it was trained: see
    /// <see cref="RunFolder.ReadSplit"/>.</param>
    /// <param name="path">Path of the new file; an existing one is replaced. Its card is written beside it as JSON
    /// (<see cref="ModelCard.PathBeside"/>).</param>
    /// <param name="options">How to export; null: int8 with the defaults.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancel">Stops the export. Nothing is written then.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="GraftException">The model or an image cannot be used, or the result loses too much accuracy or
    /// is not faster: the message has the figures. Nothing was written.</exception>
    public static ExportResult Export(
        string modelPath,
        ImageSplit images,
        string path,
        ExportOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(path);
        options ??= new();
        options.Validate();
        PredictorOptions loading = new() { Threads = options.Threads, Limits = options.Limits };
        using Predictor source = Predictor.Load(modelPath, loading);
        ExportChecks.RequireUsable(source.Card, images, modelPath, path);
        OnnxModel network = OnnxModel.Load(modelPath, options.Limits.Onnx);
        ExportImages parts = new(images, new(source.Card.Preprocessing, options.Limits.Image), options, cancel);
        ReducedModel reduced = Reduce(network, modelPath, source.Card, parts, progress ?? TrainingProgress.None);
        using Predictor written = Predictor.Load(reduced.Bytes, path, loading);
        Comparison comparison = ModelEvaluation.Compare(source, written, parts.Compared, progress, cancel);
        if (parts.ComparedPart == ImagePart.Test)
        {
            reduced.NoteTestAccuracy(comparison.Second.MeanAveragePrecision ?? comparison.Second.Accuracy);
        }

        (double before, double after) = NetworkTiming.Measure(
            network,
            OnnxModel.Parse(reduced.Bytes, path, options.Limits.Onnx),
            parts.Validation.Inputs.First(),
            parts.Shape,
            options.Threads,
            TimeProvider.System,
            cancel
        );
        ExportResult result = new(
            path,
            reduced.Bytes.Length,
            new FileInfo(modelPath).Length,
            comparison,
            parts.ComparedPart,
            after,
            before,
            reduced.Trials
        );
        ExportChecks.RequireWorthIt(result, options, modelPath);
        reduced.Write(path);
        return result;
    }

    /// <inheritdoc cref="Export"/>
    public static Task<ExportResult> ExportAsync(
        string modelPath,
        ImageSplit images,
        string path,
        ExportOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Export(modelPath, images, path, options, progress, cancel), cancel);

    private static ReducedModel Reduce(
        OnnxModel network,
        string name,
        ModelCard card,
        ExportImages images,
        IProgress<TrainingEvent> progress
    ) =>
        images.Options.Precision == ModelPrecision.Float16
            ? ReducedModel.InHalves(network, name, card)
            : ReducedModel.InBytes(network, name, card, new Int8Search(card, images, progress));
}
