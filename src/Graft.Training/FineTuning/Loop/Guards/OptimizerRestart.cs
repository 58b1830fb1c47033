namespace Graft.Training.FineTuning;

/// <summary>Begins a phase again with the next optimiser, after a stall or a divergence.</summary>
internal sealed class OptimizerRestart(EpochLoopPlan plan, TrainedWeights weights, IProgress<TrainingEvent> progress)
{
    /// <summary>
    /// Returns to the best weights so far, which after a stall are mostly those at the start, and switches to the next
    /// optimiser.
    /// </summary>
    /// <param name="at">Position at the start of an epoch.</param>
    /// <param name="reason">Why the current optimiser is given up, half a sentence.</param>
    /// <returns>The new position; null where every optimiser was tried.</returns>
    public TrainingPosition? TryNext(TrainingPosition at, string reason)
    {
        if (OptimizerFallback.Of(plan, at.Fallbacks + 1) is not OptimizerFallback next)
        {
            return null;
        }

        progress.Report(new Notice($"{reason}; the phase begins again by {next}.", IsWarning: true));
        weights.RestartFromBest(next.Optimizer);
        return at with
        {
            Fallbacks = at.Fallbacks + 1,
            OptimizerStartEpoch = at.Epoch,
            Losses = [],
            ScheduledEpochs = null,
            RateScale = 1,
            Rollbacks = 0,
        };
    }
}
