namespace Graft.Training.FineTuning;

/// <summary>Judges epochs by their validation figures: which is the best so far, and whether to go on.</summary>
internal sealed class EarlyStopping(int patience, double? targetAccuracy)
{
    /// <summary>All that later judgements depend on.</summary>
    public StoppingState State { get; set; } = new(null, double.PositiveInfinity, 0, null);

    /// <summary>The best so far: the highest accuracy, and among equals the lowest loss.</summary>
    public ValidationScore? Best => State.Best;

    /// <summary>Why to stop; null: go on.</summary>
    public string? Reason => State.Reason;

    /// <summary>Takes note of an epoch's figures; true where they are the best so far.</summary>
    public bool Observe(ValidationScore score)
    {
        bool isBest = Best is null || score.IsBetterThan(Best);
        ValidationScore best = isBest ? score : Best!;
        int epochsSinceLower = score.Loss < State.LowestLoss ? 0 : State.EpochsSinceLower + 1;
        string? reason =
            targetAccuracy is double target && best.Accuracy >= target
                ? $"the target accuracy of {target:P1} is reached"
            : epochsSinceLower >= patience ? $"the validation loss has not fallen for {patience} epochs"
            : null;
        State = new(best, Math.Min(State.LowestLoss, score.Loss), epochsSinceLower, reason);
        return isBest;
    }
}

/// <summary>Where <see cref="EarlyStopping"/> stands after an epoch.</summary>
/// <param name="LowestLoss">Infinite before the first epoch.</param>
/// <param name="Reason">Why to stop; null: go on.</param>
internal sealed record StoppingState(ValidationScore? Best, double LowestLoss, int EpochsSinceLower, string? Reason);

/// <summary>Figures on validation images.</summary>
/// <param name="Accuracy">0..1.</param>
/// <param name="Loss">Mean an image, nats.</param>
internal sealed record ValidationScore(double Accuracy, double Loss)
{
    public bool IsBetterThan(ValidationScore other) =>
        Accuracy > other.Accuracy || (Accuracy == other.Accuracy && Loss < other.Loss);
}
