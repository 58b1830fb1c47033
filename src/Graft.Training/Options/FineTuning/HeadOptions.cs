namespace Graft.Training;

/// <summary>Rule that turns the feature map of the body into a vector of F features.</summary>
public enum Pooling
{
    /// <summary>Mean of each channel: F = channels.</summary>
    Average,

    /// <summary>Mean and largest value of each channel: F = 2 x channels.</summary>
    AverageAndMax,

    /// <summary>Every value of the map, as in the original head of VGG: F = channels x height x width.</summary>
    Flatten,

    /// <summary>Means of the channels of this map and of the last map of each earlier stage, 8 at most.</summary>
    Stages,

    /// <summary>
    /// For the probe the simplest rule within one standard error of the best in cross-validation.
    /// <see cref="Flatten"/> is tried where the body ends in max-pooling, as in VGG and AlexNet. For fine-tuning
    /// <see cref="Average"/>.
    /// </summary>
    Auto,
}

/// <summary>Initial weights of the head.</summary>
public enum HeadStart
{
    /// <summary>
    /// The last layer starts at zero, hidden layers at random. In the first steps little gradient reaches the body, so
    /// the head learns first. Measured better than the probe's solution, which fits the training views so well that
    /// hardly any gradient is left (docs/results.md).
    /// </summary>
    Zero,

    /// <summary>Solution of the linear probe. For a linear head only.</summary>
    Probe,

    /// <summary>Random values (He et al. 2015, section 2.2).</summary>
    Random,
}

/// <summary>The new classifier: pooling, and one or more fully connected layers.</summary>
public sealed record HeadOptions
{
    private const int MostLayers = 3;

    /// <summary>Rule that turns the feature map of the body into a vector.</summary>
    public Pooling Pooling { get; init; } = Pooling.Auto;

    /// <summary>Pooling of the trained head.</summary>
    internal Pooling TrainedPooling => Pooling == Pooling.Auto ? Pooling.Average : Pooling;

    /// <summary>
    /// Widths of the hidden layers (ReLU): at most 3, each 1 to 8,192. Empty: one linear layer. Null: one linear layer,
    /// or a hidden layer where cross-validation on the features finds it better.
    /// </summary>
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Widths of the hidden layers that are given.</summary>
    internal IReadOnlyList<int> Layers => Hidden ?? [];

    /// <summary>True if hidden layers are searched. They cannot start from the probe's solution.</summary>
    internal bool IsSearched => Hidden is null && Start != HeadStart.Probe;

    /// <summary>
    /// True: each feature is scaled to a standard deviation of 1 before a random layer. False: one factor scales all.
    /// </summary>
    internal bool ScalesEach { get; init; }

    /// <summary>Share of hidden units that a training step leaves out, 0 to 0.9. Only for hidden layers.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Initial weights of the head.</summary>
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
