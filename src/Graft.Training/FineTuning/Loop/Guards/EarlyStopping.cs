using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>Follows the validation scores of epochs: which one is the best so far, and whether to stop.</summary>
/// <param name="patience">Epochs without a lower loss after which to stop.</param>
/// <param name="targetAccuracy">Accuracy (0..1) at which to stop. Null: none.</param>
/// <param name="measure">What the accuracy is called.</param>
internal sealed class EarlyStopping(int patience, double? targetAccuracy, string measure = "accuracy")
{
    /// <summary>State that later decisions depend on; a part of each checkpoint.</summary>
    public StoppingState State { get; set; } = new(null, double.PositiveInfinity, 0, null);

    /// <summary>Best score so far: the highest accuracy, and among equals the lowest loss.</summary>
    public ValidationScore? Best => State.Best;

    /// <summary>Why to stop, half a sentence. Null: training continues.</summary>
    public string? Reason => State.Reason;

    /// <summary>Records the score of an epoch.</summary>
    /// <returns>True where it is the best so far.</returns>
    public bool Observe(ValidationScore score)
    {
        bool isBest = Best is null || score.IsBetterThan(Best);
        ValidationScore best = isBest ? score : Best!;
        int epochsSinceLower = score.Loss < State.LowestLoss ? 0 : State.EpochsSinceLower + 1;
        string? reason =
            targetAccuracy is double target && best.Accuracy >= target
                ? $"the target {measure} of {target:P1} is reached"
            : epochsSinceLower >= patience ? $"the validation loss has not fallen for {patience} epochs"
            : null;
        State = new(best, Math.Min(State.LowestLoss, score.Loss), epochsSinceLower, reason);
        return isBest;
    }
}

/// <summary>State of <see cref="EarlyStopping"/> after an epoch.</summary>
/// <param name="Best">Best score so far. Null before the first one.</param>
/// <param name="LowestLoss">Lowest loss so far, in nats. Infinite before the first score.</param>
/// <param name="EpochsSinceLower">Epochs since the loss was last lower than ever before.</param>
/// <param name="Reason">Why to stop. Null: training continues.</param>
internal sealed record StoppingState(ValidationScore? Best, double LowestLoss, int EpochsSinceLower, string? Reason);
