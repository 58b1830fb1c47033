using Graft.Training.Pipeline;

namespace Graft.Training;

public static partial class Trainer
{
    /// <summary>
    /// Says what <see cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    /// would do: reads, inspects and splits the images, decides what is left open, and measures the speed of the frozen
    /// layers for an estimate. Writes nothing: no run, no cache.
    /// </summary>
    /// <param name="imagesPath">A folder, list or archive of images, as for a training.</param>
    /// <param name="options">Settings of the run; null: the defaults.</param>
    /// <param name="progress">Receives warnings and progress.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used, as the training would say.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static TrainingPlan Plan(
        string imagesPath,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        return RunPlanner.Plan(imagesPath, options ?? new(), progress, TimeProvider.System, cancel);
    }

    /// <inheritdoc cref="Plan"/>
    public static Task<TrainingPlan> PlanAsync(
        string imagesPath,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Plan(imagesPath, options, progress, cancel), CancellationToken.None);
}
