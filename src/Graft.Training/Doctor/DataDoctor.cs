using Graft.Training.Doctor;

namespace Graft.Training;

/// <summary>
/// Examines a set of images: unusable files, odd ones, duplicates within and across classes and parts, small and uneven
/// classes, labels that are likely wrong. Changes nothing.
/// </summary>
public static class DataDoctor
{
    /// <summary>Examines a folder or list of images, test images included.</summary>
    /// <param name="imagesPath">A folder with one subfolder for each class; one with train, val and test folders of
    /// these; or a CSV file (path,label[,split]).</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="progress">Receives the events.</param>
    /// <param name="cancel">Stops the examination.</param>
    /// <exception cref="GraftException">The images or the body cannot be read.</exception>
    public static DataReport Examine(
        string imagesPath,
        DoctorOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        options ??= new();
        return Report(
            DataExamination.Run(imagesPath, Settings(options), progress ?? TrainingProgress.None, cancel),
            options
        );
    }

    /// <summary>Examines a set of images.</summary>
    /// <param name="images">The set, test images included.</param>
    /// <inheritdoc cref="Examine(string, DoctorOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static DataReport Examine(
        ImageSet images,
        DoctorOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        options ??= new();
        return Report(
            DataExamination.Run(images, Settings(options), progress ?? TrainingProgress.None, cancel),
            options
        );
    }

    /// <inheritdoc cref="Examine(string, DoctorOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<DataReport> ExamineAsync(
        string imagesPath,
        DoctorOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Examine(imagesPath, options, progress, cancel), cancel);

    /// <inheritdoc cref="Examine(ImageSet, DoctorOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<DataReport> ExamineAsync(
        ImageSet images,
        DoctorOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Examine(images, options, progress, cancel), cancel);

    private static TrainingOptions Settings(DoctorOptions options) =>
        new()
        {
            Body = options.Body.Text,
            Weights = options.Body.Weights,
            InputSize = options.Body.InputSize,
            FeatureEdge = options.Body.FeatureEdge,
            InputTransform = options.Body.InputTransform,
            Seed = options.Seed,
            Threads = options.Threads,
            Limits = options.Limits,
            Cache = options.Cache,
            MemoryPolicy = options.MemoryPolicy,
        };

    private static DataReport Report(ExaminedData examined, DoctorOptions options) =>
        examined.Report with
        {
            Set = examined.Set,
            Limits = options.Limits.Image,
        };
}
