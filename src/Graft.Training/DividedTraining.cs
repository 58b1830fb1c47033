using Graft.Training.Pipeline;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// A repeated training whose seeds other processes train: those of a plan whose units are there, or workers of this
/// one.
/// </summary>
/// <param name="images">Where the images come from.</param>
/// <param name="folder">Folder of the repeated training.</param>
/// <param name="begun">What is trained.</param>
/// <param name="options">The options with the units or the workers.</param>
/// <param name="progress">Receives warnings and complete units.</param>
internal sealed class DividedTraining(
    ImageReader images,
    string folder,
    RepeatedTraining begun,
    TrainingOptions options,
    IProgress<TrainingEvent> progress
)
{
    private const string UnitsName = "units";

    /// <summary>Refuses options of a repeated training for a single one.</summary>
    /// <exception cref="OptionsException">There is one.</exception>
    public static void RequireNone(TrainingOptions options)
    {
        OptionProblems problems = new();
        const string Reason = "it has no effect on one training, which is not divided; repeat it with several seeds";
        if (options.UnitsFrom is not null)
        {
            problems.Add(nameof(options.UnitsFrom), "", Reason);
        }

        if (options.Workers is not null)
        {
            problems.Add(nameof(options.Workers), "", Reason);
        }

        problems.ThrowIfAny();
    }

    /// <summary>Puts the complete runs of the seeds into the folder.</summary>
    /// <exception cref="StoreException">A unit is missing, torn or foreign.</exception>
    /// <exception cref="GraftException">The images cannot be used, or a worker has failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before a run had begun.</exception>
    public void Run(CancellationToken cancel)
    {
        if (images.IsOfObjects)
        {
            throw new OptionsException([
                new(
                    options.UnitsFrom is null ? nameof(options.Workers) : nameof(options.UnitsFrom),
                    "",
                    "other processes cannot have images that are objects of this program; name a folder or a list"
                ),
            ]);
        }

        if (options.UnitsFrom is string store)
        {
            WorkFolder planned = new(store);
            TrainingOptions asked = options with { UnitsFrom = null, MixedMachines = false };
            WorkHeader header = new UnitPlanner(images.Source, asked, begun.AllSeeds()).Require(planned, cancel);
            FinishedUnits.Copy(planned, header, folder, options.MixedMachines);
        }
        else
        {
            RunWorkers(options.Workers!, cancel);
        }
    }

    /// <summary>
    /// Takes runs back from workers that were stopped; gives the options of those that have not begun. Null where there
    /// were no workers.
    /// </summary>
    /// <param name="folder">Folder of the repeated training.</param>
    /// <exception cref="StoreException">A worker still works.</exception>
    public static RunOptions? TakeBack(string folder)
    {
        WorkFolder units = UnitsIn(folder);
        if (units.ReadHeader() is not WorkHeader header)
        {
            return null;
        }

        FinishedUnits.Move(units, folder);
        return header.Run with { Options = header.Run.Options with { Engine = header.Engine } };
    }

    /// <summary>Removes what the workers shared, once all seeds are complete.</summary>
    /// <param name="folder">Folder of the repeated training.</param>
    /// <param name="all">Its state.</param>
    public static void End(string folder, RepeatedTraining all)
    {
        if (all.Seeds.Count == all.SeedCount && Directory.Exists(UnitsIn(folder).Path))
        {
            RunStorage.Guard(folder, () => Directory.Delete(UnitsIn(folder).Path, recursive: true));
        }
    }

    /// <summary>The options of each of the workers; the same options where there are none.</summary>
    public static TrainingOptions OfWorker(TrainingOptions options) =>
        options.Workers is not TrainingWorkers workers
            ? options
            : options with
            {
                Workers = null,
                Threads = Math.Max(1, TorchSetup.Threads(options.Threads) / workers.Count),
                DecodeThreads =
                    options.DecodeThreads == 0 ? 0 : Math.Max(1, options.DecodeThreads / workers.Count),
            };

    private static WorkFolder UnitsIn(string folder) => new(Path.Combine(Path.GetFullPath(folder), UnitsName));

    private void RunWorkers(TrainingWorkers workers, CancellationToken cancel)
    {
        WorkFolder units = UnitsIn(folder);
        TakeBack(folder); // of an earlier call
        long[] missing = [.. begun.AllSeeds().Where(seed => !Directory.Exists(RunOf(seed)))];
        if (missing.Length < 2)
        {
            return; // this process does the rest
        }

        if (Directory.Exists(units.Path))
        {
            Directory.Delete(units.Path, recursive: true);
        }

        new UnitPlanner(images.Source, OfWorker(options), missing).Write(units, cancel);
        begun.Begin(folder);
        try
        {
            new WorkerPool(units, workers, progress).Run(cancel);
        }
        finally
        {
            FinishedUnits.Move(units, folder);
            if (!HasRuns)
            {
                Directory.Delete(units.Path, recursive: true); // as a training that comes to nothing
            }
        }

        if (!HasRuns)
        {
            cancel.ThrowIfCancellationRequested();
        }
    }

    private bool HasRuns => begun.AllSeeds().Any(seed => Directory.Exists(RunOf(seed)));

    private string RunOf(long seed) => Path.Combine(folder, RepeatedTraining.RunNameOf(seed));
}
