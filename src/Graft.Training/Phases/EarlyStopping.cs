namespace Graft.Training.Phases;

/// <summary>Judges epochs by their validation figures: which is the best so far, and whether to go on.</summary>
internal sealed class EarlyStopping(int patience, double? targetAccuracy)
{
    private double _lowestLoss = double.PositiveInfinity;
    private int _epochsSinceLower;

    /// <summary>The best so far: the highest accuracy, and among equals the lowest loss.</summary>
    public Score? Best { get; private set; }

    /// <summary>Why to stop; null: go on.</summary>
    public string? Reason { get; private set; }

    /// <summary>Takes note of an epoch's figures; true where they are the best so far.</summary>
    public bool Judge(Score score)
    {
        bool isBest = Best is null || score.IsBetterThan(Best);
        Best = isBest ? score : Best;
        _epochsSinceLower = score.Loss < _lowestLoss ? 0 : _epochsSinceLower + 1;
        _lowestLoss = Math.Min(_lowestLoss, score.Loss);
        Reason = targetAccuracy is double target && Best!.Accuracy >= target ? $"the target accuracy of {target:P1} is reached"
            : _epochsSinceLower >= patience ? $"the validation loss has not fallen for {patience} epochs"
            : null;
        return isBest;
    }
}

/// <summary>Figures on validation images.</summary>
/// <param name="Accuracy">0..1.</param>
/// <param name="Loss">Mean an image, nats.</param>
internal sealed record Score(double Accuracy, double Loss)
{
    public bool IsBetterThan(Score other) => Accuracy > other.Accuracy || (Accuracy == other.Accuracy && Loss < other.Loss);
}
