namespace Graft.Training.FineTuning;

/// <summary>What a user wants of depth, rate and loss, and what is left to a search.</summary>
internal sealed record DepthRequest
{
    /// <summary>How much is searched.</summary>
    public SettingSearch Search { get; init; }

    /// <summary>In which order the trained layers begin to learn.</summary>
    public Unfreezing Unfreezing { get; init; }

    /// <summary>Default peak step size of the body.</summary>
    public required double Rate { get; init; }

    /// <summary>True: no other rate is tried.</summary>
    public bool HasFixedRate { get; init; }

    /// <summary>The default loss where images may have several labels.</summary>
    public LabelLoss Loss { get; init; }

    /// <summary>True: the asymmetric loss is tried beside the default one.</summary>
    public bool TriesLosses { get; init; }

    /// <summary>True: no other cut is tried.</summary>
    public bool HasFixedCut { get; init; }

    /// <summary>True: the clock limits the search, and its cost is not estimated beforehand.</summary>
    public bool HasTimeBudget { get; init; }

    /// <summary>Epochs of the training that follows.</summary>
    public required int Epochs { get; init; }

    /// <summary>Number of images that a trial could train on.</summary>
    public required int TrainingCount { get; init; }

    /// <summary>Number of images that score a trial.</summary>
    public required int ValidationCount { get; init; }
}
