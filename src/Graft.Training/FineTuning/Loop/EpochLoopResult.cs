using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>Result of a phase. The tail then holds the weights that were best on the validation images.</summary>
/// <param name="Start">Validation score before the first step.</param>
/// <param name="Best">Best validation score.</param>
/// <param name="BestEpoch">Best epoch, counted from 1; 0 where no epoch was better than the start.</param>
/// <param name="BestIsEma">True where the best weights are the running average (EMA).</param>
/// <param name="Last">Validation score after <paramref name="LastEpoch"/>.</param>
/// <param name="LastEpoch">Last finished epoch, counted from 1.</param>
/// <param name="RateScale">What rollbacks have left of the rates, 0..1.</param>
/// <param name="Optimizer">The optimiser in use at the end.</param>
/// <param name="HeadRate">Peak rate of the head with that optimiser.</param>
/// <param name="Reason">Why the phase ended, half a sentence.</param>
internal sealed record EpochLoopResult(
    ValidationScore Start,
    ValidationScore Best,
    int BestEpoch,
    bool BestIsEma,
    ValidationScore Last,
    int LastEpoch,
    double RateScale,
    OptimizerKind Optimizer,
    double HeadRate,
    string Reason
)
{
    /// <summary>Epochs of the shortened schedule, where the time budget was short. Null: those of the plan.</summary>
    public int? ScheduledEpochs { get; init; }

    /// <summary>True where the time budget ended the phase before its last epoch.</summary>
    public bool IsOutOfTime { get; init; }
}
