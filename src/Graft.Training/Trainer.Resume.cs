using Graft.Training.Pipeline;

namespace Graft.Training;

public static partial class Trainer
{
    /// <summary>
    /// Continues a run that was stopped, from its last checkpoint. The result has the same bytes as that of a run that
    /// was never stopped.
    /// </summary>
    /// <param name="runFolder">The folder of the run.</param>
    /// <param name="options">How to continue; null: the defaults.</param>
    /// <param name="progress">Receives the events of the run, in order, on the threads that cause them.</param>
    /// <param name="cancel">
    /// Ends the run early. Once the probe is fitted, the best model so far is exported and evaluated.
    /// </param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">
    /// There is no run, another process works in it, or its images have changed or were objects of a program.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before there was a model.</exception>
    public static TrainingResult Resume(
        string runFolder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Resume(runFolder, null, options ?? new(), progress, TimeProvider.System, cancel);

    /// <inheritdoc cref="Resume(string, ResumeOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ResumeAsync(
        string runFolder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Resume(runFolder, options, progress, cancel), CancellationToken.None);

    /// <summary>Continues a run whose images are objects of this program.</summary>
    /// <param name="runFolder">The folder of the run.</param>
    /// <param name="images">The same images that the run began with.</param>
    /// <inheritdoc cref="Resume(string, ResumeOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Resume(
        string runFolder,
        ImageSet images,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Resume(runFolder, ImageReader.Of(images), options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Resume(string, ImageSet, ResumeOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ResumeAsync(
        string runFolder,
        ImageSet images,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Resume(runFolder, images, options, progress, cancel), CancellationToken.None);

    /// <summary>Continues a run whose images are objects of this program.</summary>
    /// <param name="runFolder">The folder of the run.</param>
    /// <param name="images">The same images that the run began with.</param>
    /// <inheritdoc cref="Resume(string, ResumeOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static TrainingResult Resume(
        string runFolder,
        ImageSplit images,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Resume(runFolder, ImageReader.Of(images), options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Resume(string, ImageSplit, ResumeOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<TrainingResult> ResumeAsync(
        string runFolder,
        ImageSplit images,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Resume(runFolder, images, options, progress, cancel), CancellationToken.None);
}
