namespace Graft.Training.FineTuning;

/// <summary>
/// Answers a loss that is not finite, or above that of guessing: back to the best weights so far, with a tenth of the
/// rate.
/// </summary>
internal sealed class DivergenceGuard(
    EpochLoopPlan plan,
    TrainedWeights weights,
    OptimizerRestart restart,
    double guessing,
    IProgress<TrainingEvent> progress
)
{
    private const double RateFactor = 0.1;
    private const double WorseThanGuessing = 1.2;

    /// <summary>
    /// True where an epoch's finite loss is so far above that of guessing that the phase has diverged.
    /// </summary>
    /// <param name="loss">Mean loss of the epoch, in nats.</param>
    /// <param name="at">Position at its end.</param>
    public bool IsTooHigh(double loss, TrainingPosition at) =>
        !plan.AllowsHighLoss && loss > WorseThanGuessing * Math.Max(guessing, at.FirstLoss ?? 0);

    /// <summary>
    /// Rolls back to the best weights. After <see cref="EpochLoopPlan.MaxRollbacks"/> rollbacks, switches to the next
    /// optimiser where the phase watches for stalls.
    /// </summary>
    /// <param name="at">Position at the start of an epoch.</param>
    /// <param name="loss">The loss that was too high; null: it was not finite.</param>
    /// <exception cref="DivergedException">There are no rollbacks and no optimisers left.</exception>
    public TrainingPosition RollBack(TrainingPosition at, double? loss)
    {
        OptimizerFallback optimizer = OptimizerFallback.At(plan, at);
        string problem = loss is null ? "is not finite" : $"of {loss:0.0} is above that of guessing";
        if (at.Rollbacks == plan.MaxRollbacks)
        {
            return SwitchOptimizer(at, optimizer, problem);
        }

        weights.RestartFromBest(optimizer.Optimizer);
        at = at with { RateScale = at.RateScale * RateFactor, Rollbacks = at.Rollbacks + 1 };
        double rate = optimizer.Rate * at.RateScale;
        progress.Report(
            new Notice(
                $"The loss {problem}: training goes back to the best weights so far "
                    + $"and continues at a rate of {rate:0.#######}.",
                IsWarning: true
            )
        );
        return at;
    }

    private TrainingPosition SwitchOptimizer(TrainingPosition at, OptimizerFallback optimizer, string problem)
    {
        string even = $"the loss {problem} even at {at.RateScale:0.######} times the rate";
        TrainingPosition? next = plan.GuessingLoss is null
            ? null
            : restart.TryNext(at, $"'{plan.Name}' diverges by {optimizer}: {even}");
        return next
            ?? throw new DivergedException(
                $"'{plan.Name}' cannot continue: {even}; choose a smaller rate for the body and the head"
            );
    }
}
