namespace Graft.Training;

/// <summary>How the body's feature map becomes a vector.</summary>
public enum Pooling
{
    /// <summary>The mean over the map: F = channels.</summary>
    Average,

    /// <summary>The mean and the largest value of each channel: F = 2 x channels.</summary>
    AverageAndMax,

    /// <summary>Every value of the map: F = channels x height x width, as VGG's own head does.</summary>
    Flatten,

    /// <summary>The means over the map and over the last maps of the two stages before it.</summary>
    Stages,

    /// <summary>
    /// Of the probe: what cross-validation finds best, the simplest within a standard error; <see cref="Flatten"/> is
    /// tried where the body ends in max-pooling, as VGG's and AlexNet's do. Of
    /// fine-tuning: <see cref="Average"/>.
    /// </summary>
    Auto,
}

/// <summary>From where the head's weights start.</summary>
public enum HeadStart
{
    /// <summary>
    /// The last layer starts at zero (hidden layers at random). No gradient then reaches the body in the first step and
    /// little in those after it: the
    /// head warms itself up. Measured better than the probe's solution, which fits the training views so well that no
    /// gradient is left (docs/results.md).
    /// </summary>
    Zero,

    /// <summary>The probe's solution, with its standardisation folded in; for a linear head only.</summary>
    Probe,

    /// <summary>Random values (He et al. 2015, section 2.2).</summary>
    Random,
}

/// <summary>The new classifier: pooling, and one or two fully connected layers.</summary>
public sealed record HeadOptions
{
    private const int MostLayers = 3;

    public Pooling Pooling { get; init; } = Pooling.Auto;

    /// <summary>Of the head that is trained.</summary>
    internal Pooling TrainedPooling => Pooling == Pooling.Auto ? Pooling.Average : Pooling;

    /// <summary>
    /// Widths of hidden layers with ReLU, each 1 to 8192, at most 3; empty: one linear layer; null: one linear layer,
    /// or a hidden one where cross-validation on the features finds it better.
    /// </summary>
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>The hidden layers that are known.</summary>
    internal IReadOnlyList<int> Layers => Hidden ?? [];

    /// <summary>True where hidden layers are searched: with a start that they can have.</summary>
    internal bool IsSearched => Hidden is null && Start != HeadStart.Probe;

    /// <summary>
    /// Each feature is brought to deviation 1 in front of a random layer; otherwise all by one factor.
    /// </summary>
    internal bool ScalesEach { get; init; }

    /// <summary>The share of hidden units that a training step leaves out, 0 to 0.9; only with hidden layers.</summary>
    public double Dropout { get; init; } = 0.5;

    public HeadStart Start { get; init; } = HeadStart.Zero;

    internal void Check(OptionProblems problems)
    {
        problems.Range(nameof(Dropout), Dropout, 0, 0.9);
        if (Layers.Count > MostLayers)
        {
            problems.Add(nameof(Hidden), $"{Layers.Count} layers", $"there can be at most {MostLayers} hidden layers");
        }

        if (Start == HeadStart.Probe && Layers.Count > 0)
        {
            problems.Add(
                nameof(Start),
                "Probe",
                "the probe is linear and cannot start hidden layers; choose Zero or Random, or a linear head"
            );
        }

        foreach (int width in Layers)
        {
            problems.Range(nameof(Hidden), width, 1, 8192);
        }
    }
}
