namespace Graft.Training.FineTuning;

/// <summary>
/// A warm-up that does not learn: after enough steps its loss is still not below what guessing by the classes'
/// frequencies gives. Answered by the next optimiser.
/// </summary>
/// <param name="Optimizer">Of this attempt.</param>
/// <param name="Rate">The head's peak step size in it.</param>
internal sealed record OptimizerFallback(OptimizerKind Optimizer, double Rate)
{
    private const int FewestSteps = 20;
    private const int SlowEpochs = 3;
    private const double Falling = 0.95; // in so many epochs: what still falls is left to fall
    private const double HigherRate = 10; // times
    private static readonly OptimizerKind[] s_order =
    [
        OptimizerKind.Sgd,
        OptimizerKind.RmsProp,
        OptimizerKind.Adam,
        OptimizerKind.AdamW,
    ];

    /// <summary>The phase's attempt of this number; null where there is no further one.</summary>
    /// <param name="number">0: as it was planned; then the optimisers after the planned one, in a ring, each at its own
    /// usual rate; last, the planned one at ten times its rate, or where that was above the usual one, at that.</param>
    public static OptimizerFallback? Of(EpochLoopPlan plan, int number)
    {
        if (number == 0)
        {
            return new(plan.Optimizer, plan.HeadRate);
        }

        OptimizerKind kind = s_order[(Array.IndexOf(s_order, plan.Optimizer) + number) % s_order.Length];
        double usual = TailOptimizer.DefaultRate(kind, plan.FeatureCount);
        return number < s_order.Length ? new(kind, usual)
            : number == s_order.Length ? new(kind, plan.HeadRate > usual ? usual : HigherRate * plan.HeadRate)
            : null;
    }

    /// <summary>
    /// Whether an attempt learns nothing: no better than guessing, and no longer falling or at its end.
    /// </summary>
    /// <param name="losses">The mean of each of its epochs so far, nats.</param>
    /// <param name="steps">Of it that are done.</param>
    /// <param name="epochs">That it has.</param>
    public static bool IsStalled(EpochLoopPlan plan, IReadOnlyList<double> losses, int steps, int epochs) =>
        plan.GuessingLoss is double guessing
        && losses.Count > 0
        && losses[^1] >= guessing
        && (
            losses.Count >= epochs
            || (steps >= FewestSteps && losses.Count > SlowEpochs && losses[^1] > Falling * losses[^(1 + SlowEpochs)])
        );

    /// <summary>
    /// The mean loss of answering every image with the classes' frequencies, in nats: the entropy of the labels,
    /// smoothed as training smooths them.
    /// </summary>
    /// <param name="labels">Class numbers from 0 on.</param>
    /// <param name="smoothing">0..1.</param>
    /// <param name="balance">Where classes weigh the same or come as often, all are guessed alike: the logarithm of
    /// their number.</param>
    public static double LossOfGuessing(
        IReadOnlyList<int> labels,
        int classCount,
        double smoothing,
        Balance balance = Balance.None
    )
    {
        if (balance != Balance.None)
        {
            return Math.Log(classCount);
        }

        double[] shares = new double[classCount];
        foreach (int label in labels)
        {
            shares[label] += (1 - smoothing) / labels.Count;
        }

        return shares
            .Select(share => share + (smoothing / classCount))
            .Where(share => share > 0)
            .Sum(share => -share * Math.Log(share));
    }

    public override string ToString() => FormattableString.Invariant($"{Optimizer} at a rate of {Rate:0.#######}");
}
