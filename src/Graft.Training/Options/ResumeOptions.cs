namespace Graft.Training;

/// <summary>How a stopped run continues. No bit of the result depends on these options.</summary>
public sealed record ResumeOptions
{
    /// <summary>
    /// Where the run's images lie now, if they were moved: a folder or a list. The hashes of their contents prove that
    /// they are the same. Null: where the run found them.
    /// </summary>
    public string? Images { get; init; }

    /// <summary>Threads that decode images, 0 to 1024; 0: as the run's options say.</summary>
    public int DecodeThreads { get; init; }

    /// <summary>Minutes between two checkpoints within an epoch, 0 to 1440; 0: after every batch.</summary>
    public double CheckpointMinutes { get; init; } = 3;

    /// <summary>Whether the run may change how the process manages memory.</summary>
    public MemoryPolicy MemoryPolicy { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(DecodeThreads), DecodeThreads, 0, 1024);
        problems.Range(nameof(CheckpointMinutes), CheckpointMinutes, 0, 1440);
        problems.ThrowIfAny();
    }

    /// <summary>The options of a run with these in place of those that no run keeps.</summary>
    internal TrainingOptions ApplyTo(TrainingOptions options) =>
        options with
        {
            DecodeThreads = DecodeThreads,
            CheckpointMinutes = CheckpointMinutes,
            MemoryPolicy = MemoryPolicy,
        };
}
