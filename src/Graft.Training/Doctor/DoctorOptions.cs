using Graft.Prediction;

namespace Graft.Training;

/// <summary>How <see cref="DataDoctor"/> examines images.</summary>
public sealed record DoctorOptions
{
    /// <summary>The network whose features distinguish images and labels.</summary>
    public BodySource Body
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = BodySource.Named(BodySource.DefaultName);

    /// <summary>
    /// How folders and lists are read. Class folders without a usable image never stop an examination.
    /// </summary>
    public DataOptions Data
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Whether each image has one label or any number. Null: decided by the data.</summary>
    public ClassificationTask? Task { get; init; }

    /// <summary>Seed of the folds in which labels are checked.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Processor threads, 0 to 1024; 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>What images and folders may cost before they are refused.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Where features are kept between runs.</summary>
    public CacheOptions Cache
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Whether the examination may change how its process manages memory.</summary>
    public MemoryPolicy MemoryPolicy { get; init; }
}
