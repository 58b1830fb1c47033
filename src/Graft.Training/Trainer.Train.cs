using Graft.Training.Pipeline;

namespace Graft.Training;

public static partial class Trainer
{
    /// <summary>Trains a classifier and evaluates it on the test images.</summary>
    /// <param name="imagesPath">
    /// A folder with one subfolder for each class; a folder with train, val and test folders of these; a CSV file
    /// (path,label[,split][,group]); an archive; or a list of another tool.
    /// </param>
    /// <param name="runFolder">
    /// Folder for model.onnx, evaluation.json, report.html and the other files of the run. Created where it does not
    /// exist. Checkpoints lie in it while the run goes on.
    /// </param>
    /// <param name="options">Settings of the run; null: the defaults.</param>
    /// <param name="progress">Receives the events of the run, in order, on the threads that cause them.</param>
    /// <param name="cancel">
    /// Ends the run early. Once the probe is fitted, the best model so far is exported and evaluated.
    /// </param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">The images, the body or the folder cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before there was a model.</exception>
    public static TrainingResult Train(
        string imagesPath,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        return Train(ImageReader.Of(imagesPath), runFolder, options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> TrainAsync(
        string imagesPath,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Train(imagesPath, runFolder, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images. The run splits them.</param>
    /// <inheritdoc cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Train(
        ImageSet images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Train(ImageReader.Of(images), runFolder, options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Train(ImageSet, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> TrainAsync(
        ImageSet images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Train(images, runFolder, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images, with the parts that the run uses.</param>
    /// <inheritdoc cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Train(
        ImageSplit images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Train(ImageReader.Of(images), runFolder, options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Train(ImageSplit, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> TrainAsync(
        ImageSplit images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Train(images, runFolder, options, progress, cancel), CancellationToken.None);

    /// <summary>
    /// Trains by feature extraction only: a linear probe (logistic regression) on the features of the frozen body. The
    /// quickest classifier, and a first measure of the images. The options of head training and fine-tuning have no
    /// effect.
    /// </summary>
    /// <inheritdoc cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Probe(
        string imagesPath,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        return Train(ImageReader.Of(imagesPath), runFolder, ProbeOnly(options), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Probe(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ProbeAsync(
        string imagesPath,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Probe(imagesPath, runFolder, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images. The run splits them.</param>
    /// <inheritdoc cref="Probe(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Probe(
        ImageSet images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Train(ImageReader.Of(images), runFolder, ProbeOnly(options), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Probe(ImageSet, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ProbeAsync(
        ImageSet images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Probe(images, runFolder, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images, with the parts that the run uses.</param>
    /// <inheritdoc cref="Probe(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Probe(
        ImageSplit images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Train(ImageReader.Of(images), runFolder, ProbeOnly(options), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Probe(ImageSplit, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ProbeAsync(
        ImageSplit images,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Probe(images, runFolder, options, progress, cancel), CancellationToken.None);

    private static TrainingOptions ProbeOnly(TrainingOptions? options) =>
        (options ?? new()) with
        {
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
        };
}
