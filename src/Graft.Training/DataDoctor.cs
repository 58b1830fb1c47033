using Graft.Training.Doctor;
using Graft.Training.Plans;

namespace Graft.Training;

/// <summary>
/// Examines a set of images. Finds unusable and odd files, duplicates, small and uneven classes, and labels that are
/// likely wrong. Changes nothing.
/// </summary>
public static class DataDoctor
{
    /// <summary>Examines a folder or list of images, test images included.</summary>
    /// <param name="imagesPath">
    /// A folder with one subfolder for each class; one with train, val and test folders of these; a CSV file
    /// (path,label[,split][,group]); an archive; or a list of another tool.
    /// </param>
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
            DataExamination.Run(imagesPath, DoctorPlans.Of(options), progress ?? TrainingProgress.None, cancel),
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
            DataExamination.Run(images, DoctorPlans.Of(options), progress ?? TrainingProgress.None, cancel),
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

    private static DataReport Report(ExaminedData examined, DoctorOptions options) =>
        examined.Report with
        {
            Set = examined.Set,
            Limits = options.Limits.Image,
        };
}
