namespace Graft.Training.FineTuning;

/// <summary>
/// The optimiser of a phase and its rate: the planned one, or one that replaces it after a stall or a divergence.
/// </summary>
/// <param name="Optimizer">The optimiser.</param>
/// <param name="Rate">Peak step size of the head.</param>
internal sealed record OptimizerFallback(OptimizerKind Optimizer, double Rate)
{
    private const double HigherRate = 10; // times
    private static readonly OptimizerKind[] s_order =
    [
        OptimizerKind.Sgd,
        OptimizerKind.RmsProp,
        OptimizerKind.Adam,
        OptimizerKind.AdamW,
    ];

    /// <summary>The optimiser after a number of fallbacks.</summary>
    /// <param name="plan">Settings of the phase.</param>
    /// <param name="number">0: the planned optimiser. Then come the others, in a ring, each at its default rate. The
    /// last fallback is the planned optimiser at ten times its rate, or at its default rate where the planned rate was
    /// higher.</param>
    /// <returns>Null where there is no further fallback.</returns>
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

    /// <summary>The optimiser in use at a position.</summary>
    public static OptimizerFallback At(EpochLoopPlan plan, TrainingPosition at) =>
        Of(plan, at.Fallbacks) ?? throw new InvalidOperationException($"there is no optimiser fallback {at.Fallbacks}");

    public override string ToString() => FormattableString.Invariant($"{Optimizer} at a rate of {Rate:0.#######}");
}
