using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.Pipeline;
using Graft.Training.Plans;
using Graft.Training.Run;

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
        return Examine(ImageReader.ForExamination(imagesPath), options ?? new(), progress, cancel);
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
        return Examine(ImageReader.ForExamination(images), options ?? new(), progress, cancel);
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

    private static DataReport Examine(
        ImageReader images,
        DoctorOptions options,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        TrainingOptions resolved = DoctorPlans.Of(options);
        // an examination is not a run: it has no phases
        IProgress<TrainingEvent> listener = TrainingProgress.Of(value =>
        {
            if (value is not (PhaseStarted or PhaseEnded))
            {
                progress?.Report(value);
            }
        });
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        PreparedBody body = PreparedBody.Load(resolved, options.Cache);
        resolved = resolved with { Engine = EngineSelection.Of(null, body.Body.Model, options.Cache) };
        PhaseClock clock = new(listener, TimeProvider.System);
        using TrainingPreparation preparation = TrainingPreparation.Read(
            body,
            resolved,
            images,
            new(listener, clock, TimeProvider.System, options.Threads) { TriesFits = false },
            cancel
        );
        using ExtractedFeatures features = preparation.ExtractPlainViews([], views: 0, cancel);
        ExaminedData examined = DataExamination.Run(
            preparation.Body,
            preparation.Data,
            features,
            options.Seed,
            listener,
            cancel
        );
        return examined.Report with
        {
            Set = examined.Set,
            Limits = options.Limits.Image,
        };
    }
}
