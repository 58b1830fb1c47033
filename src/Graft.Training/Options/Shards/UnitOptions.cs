namespace Graft.Training;

/// <summary>How a share of planned trainings is done. No bit of the results depends on these options.</summary>
public sealed record UnitOptions
{
    /// <summary>Which share is done. The default is all of it.</summary>
    public Shard Shard
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = Shard.Whole;

    /// <summary>
    /// True: a machine with another instruction set than the one that planned may train. Its models have other bits
    /// than those of the planning machine.
    /// </summary>
    public bool MixedMachines { get; init; }

    /// <summary>Threads that decode images, 0 to 1024; 0: as many as compute.</summary>
    public int DecodeThreads { get; init; }

    /// <summary>Minutes between two checkpoints within an epoch, 0 to 1440; 0: after every batch.</summary>
    public double CheckpointMinutes { get; init; } = 3;

    /// <summary>Whether the trainings may change how their process manages memory.</summary>
    public MemoryPolicy MemoryPolicy { get; init; }

    /// <summary>The cache of activations of this machine.</summary>
    public CacheOptions Cache
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(DecodeThreads), DecodeThreads, 0, 1024);
        problems.Range(nameof(CheckpointMinutes), CheckpointMinutes, 0, 1440);
        Cache.Check(problems.Within(nameof(Cache)));
        if (!Shard.IsPossible)
        {
            problems.Add(nameof(Shard), $"{Shard}", "shards of N are numbered from 0 to N - 1");
        }

        problems.ThrowIfAny();
    }
}
