namespace Graft.Training;

/// <summary>How a store of shards is filled.</summary>
public sealed record ShardOptions
{
    /// <summary>
    /// The options of the training to come. Those that decide what is extracted must be the same for all shards of a
    /// store and for the training.
    /// </summary>
    public TrainingOptions Training
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Which share of the work is done. The default is all of it.</summary>
    public Shard Shard
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = Shard.Whole;

    /// <summary>
    /// Images of a unit, 1 to 65,536. All shards of a store must have the same. A process that dies loses the unit in
    /// work. Null: 16 to 256, more for more images.
    /// </summary>
    public int? UnitImages { get; init; }

    /// <summary>
    /// True: this machine may compute units of a store that a machine with another instruction set began. What is
    /// trained on them is not reproducible to the bit.
    /// </summary>
    public bool MixedMachines { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of
    /// them.</exception>
    public void Validate()
    {
        Training.Validate();
        OptionProblems problems = new();
        problems.Range(nameof(UnitImages), UnitImages, 1, 65_536);
        if (!Shard.IsPossible)
        {
            problems.Add(nameof(Shard), $"{Shard}", "shards of N are numbered from 0 to N - 1");
        }

        if (Training.Engine == Engine.Int8)
        {
            problems.Add(
                nameof(TrainingOptions.Engine),
                "int8",
                "its ranges are those of one training; choose another engine"
            );
        }

        if (Training.ContinueFrom is not null)
        {
            problems.Add(
                nameof(TrainingOptions.ContinueFrom),
                "",
                "the features of an earlier model are not extracted in shards; leave it out"
            );
        }

        if (Training.FeaturesFrom is not null)
        {
            problems.Add(nameof(TrainingOptions.FeaturesFrom), "", "it has no effect on an extraction; leave it out");
        }

        problems.ThrowIfAny();
    }

    // as many units as keep some hundred processes busy, if there are enough images
    internal int UnitImagesFor(int imageCount) => UnitImages ?? Math.Clamp(imageCount / 256, 16, 256);
}
