using Graft.Training.Pipeline;

namespace Graft.Training;

/// <summary>
/// Divides a repeated training among several processes or machines. A unit is the training of one seed. A plan names
/// the units. Each process does its share of them in a folder that all see. <see cref="TrainingOptions.UnitsFrom"/>
/// takes them. Any scheduler can start the processes, more than once and in any order.
/// </summary>
public static class TrainingUnits
{
    /// <summary>
    /// Plans the trainings of several seeds: reads the images and the body, and writes what the shares need. Where the
    /// same is planned already, that stays.
    /// </summary>
    /// <param name="imagesPath">
    /// A folder, list or archive of images, as for a training. All processes must see it under this path.
    /// </param>
    /// <param name="storeFolder">Folder of the plan and the units. Created where it does not exist.</param>
    /// <param name="seeds">Number of seeds, 2 to 100. They count up from the options' seed.</param>
    /// <param name="options">Settings of the trainings; null: the defaults.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="StoreException">Something else is planned in the folder, or the disk refuses.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public static PlannedUnits Plan(
        string imagesPath,
        string storeFolder,
        int seeds,
        TrainingOptions? options = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        ArgumentException.ThrowIfNullOrEmpty(storeFolder);
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seeds, RepeatedTraining.MostSeeds);
        TrainingOptions asked = options ?? new();
        asked.Validate();
        DividedTraining.RequireNone(asked);
        if (asked.ContinueFrom is not null)
        {
            throw new OptionsException([
                new(nameof(asked.ContinueFrom), "", "an earlier model is continued in one process; leave it out"),
            ]);
        }

        RepeatedTraining all = new(Path.GetFullPath(imagesPath), asked.Seed, seeds, []);
        WorkHeader header = Guard(storeFolder, () =>
            new UnitPlanner(imagesPath, asked, all.AllSeeds()).Write(new(storeFolder), cancel)
        );
        return new(header.Run.Images, header.Seeds[0], header.Seeds.Count, header.Run.TorchThreads, header.Engine);
    }

    /// <inheritdoc cref="Plan"/>
    public static Task<PlannedUnits> PlanAsync(
        string imagesPath,
        string storeFolder,
        int seeds,
        TrainingOptions? options = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Plan(imagesPath, storeFolder, seeds, options, cancel), CancellationToken.None);

    /// <summary>
    /// Does a share of the planned trainings. A unit that is there is checked and kept. What a dead process of this
    /// machine has begun is continued.
    /// </summary>
    /// <param name="storeFolder">Folder of the plan and the units.</param>
    /// <param name="options">Which share, and how; null: all of it, defaults.</param>
    /// <param name="progress">Receives the events of all trainings.</param>
    /// <param name="cancel">Stops the work. Units that are complete stay.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="StoreException">Nothing is planned, the images have changed, or the disk refuses.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered, or the process that has
    /// started this one as a worker asked for it or has ended.</exception>
    public static ShardResult Work(
        string storeFolder,
        UnitOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(storeFolder);
        UnitOptions asked = options ?? new();
        asked.Validate();
        using WorkerWatch watch = new(storeFolder, cancel);
        UnitWork work = new(new(storeFolder), asked, progress ?? TrainingProgress.None)
        {
            Train = (images, run, training, token) => Trainer.Train(images, run, training, progress, token),
            Resume = (run, session, token) => Trainer.Resume(run, session, progress, token),
        };
        return Guard(storeFolder, () => work.Run(watch.Token));
    }

    /// <inheritdoc cref="Work"/>
    public static Task<ShardResult> WorkAsync(
        string storeFolder,
        UnitOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Work(storeFolder, options, progress, cancel), CancellationToken.None);

    private static T Guard<T>(string storeFolder, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(storeFolder, error);
        }
        catch (RunStoppedException error)
        {
            throw error.InnerException is IOException or UnauthorizedAccessException
                ? StoreException.OfDisk(storeFolder, error.InnerException)
                : new StoreException(storeFolder, "memory ran out", error) { IsPassing = true };
        }
    }
}
