using Graft.Infrastructure;
using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The share of one process: trains its units one after the other. What a dead process of this machine has begun is
/// continued from its last checkpoint. Any number of processes may do the same share at once.
/// </summary>
/// <param name="folder">The folder of the plan.</param>
/// <param name="options">Which share, and how.</param>
/// <param name="progress">Receives the events of all trainings.</param>
internal sealed class UnitWork(WorkFolder folder, UnitOptions options, IProgress<TrainingEvent> progress)
{
    /// <summary>Trains in a folder: images, the folder, options.</summary>
    public required Action<string, string, TrainingOptions, CancellationToken> Train { get; init; }

    /// <summary>Continues the run of a folder.</summary>
    public required Action<string, ResumeOptions, CancellationToken> Resume { get; init; }

    /// <summary>Does the share.</summary>
    /// <exception cref="GraftException">The images, the body or the folder cannot be used.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public ShardResult Run(CancellationToken cancel)
    {
        WorkHeader header = folder.RequireHeader();
        string machine = RequireMachine(header);
        TrainingOptions training = OptionsOf(header);
        WorkUnit[] own = [.. header.Units.Where(unit => unit.Number % options.Shard.Count == options.Shard.Index)];
        WorkUnit[] missing = [.. own.Where(unit => !folder.IsThere(unit))];
        if (missing.Length > 0)
        {
            UnitPlanner.RequireBody(folder, header, training);
            if (ShardWork.FingerprintOf(UnitPlanner.LoadImages(header.Run.Images, training, cancel)) != header.Images)
            {
                throw new StoreException(folder.Path, "the images have changed since it was planned; plan again");
            }
        }

        for (int i = 0; i < missing.Length; i++)
        {
            progress.Report(new Notice($"Unit {missing[i].Name}: {i + 1} of {missing.Length}."));
            Make(missing[i], header.Run.Images, training with { Seed = missing[i].Seed }, machine, cancel);
        }

        return new(options.Shard, own.Length, missing.Length, header.Seeds.Count);
    }

    private void Make(
        WorkUnit unit,
        string images,
        TrainingOptions training,
        string machine,
        CancellationToken cancel
    )
    {
        string run = folder.NewRunOf(unit);
        if (!TakeOver(unit, run))
        {
            Train(images, run, training, cancel);
        }
        else if (!TrainingRun.IsComplete(run)) // or its process died before the run had its name
        {
            Resume(
                run,
                new()
                {
                    DecodeThreads = options.DecodeThreads,
                    CheckpointMinutes = options.CheckpointMinutes,
                    MemoryPolicy = options.MemoryPolicy,
                },
                cancel
            );
        }

        if (!TrainingRun.IsComplete(run))
        {
            cancel.ThrowIfCancellationRequested();
            throw new StoreException(folder.Path, $"the unit {unit.Name} is not complete; do the work again");
        }

        folder.Publish(unit, run, machine);
    }

    // Of two processes that rename the same folder one succeeds.
    private bool TakeOver(WorkUnit unit, string run)
    {
        foreach (string left in folder.LeftRunsOf(unit))
        {
            try
            {
                if (CanBeContinued(left))
                {
                    Directory.Move(left, run);
                    return true;
                }

                Directory.Delete(left, recursive: true);
            }
            catch (IOException) when (!Directory.Exists(left))
            {
                // another process has it
            }
        }

        return false;
    }

    /// <summary>
    /// True where a run goes on to the planned bytes. Without a number of views it would choose one by the room of this
    /// machine.
    /// </summary>
    public static bool CanBeContinued(string run) =>
        RunOptions.Exist(run) && RunOptions.Read(run).Options.Views is not null;

    private string RequireMachine(WorkHeader header)
    {
        string own = EngineSelection.TrainingFingerprint(header.Engine);
        return own == header.Machine || options.MixedMachines
            ? own
            : throw new StoreException(
                folder.Path,
                $"it was planned on {Printable.Text(header.Machine)}, and this machine would compute other bits; use "
                    + "machines of one kind, or allow mixed machines"
            )
            {
                Option = nameof(UnitOptions.MixedMachines),
            };
    }

    private TrainingOptions OptionsOf(WorkHeader header) =>
        header.Run.Repeated with
        {
            Threads = header.Run.Options.Threads, // the model's card names it, and not the number that it stands for
            TorchThreads = header.Run.TorchThreads,
            Engine = header.Engine,
            Cache = options.Cache with { ViewRoom = header.CacheRoom },
            DecodeThreads = options.DecodeThreads,
            CheckpointMinutes = options.CheckpointMinutes,
            MemoryPolicy = options.MemoryPolicy,
        };
}
