using Graft.Training.Bodies;

namespace Graft.Training.Doctor;

/// <summary>How a set of images is examined. Built once from <see cref="DoctorOptions"/>.</summary>
internal sealed record DoctorPlan
{
    /// <summary>The network whose features distinguish images and labels.</summary>
    public required BodyPlan Body { get; init; }

    /// <summary>How images are read and inspected.</summary>
    public required DataPlan Data { get; init; }

    /// <summary>Seed of the folds in which labels are checked.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Processor threads; 0: one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Where features are kept between runs.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Whether the examination may change how its process manages memory.</summary>
    public MemoryPolicy MemoryPolicy { get; init; }
}
