namespace Graft.Training.FineTuning;

/// <summary>
/// Detects a phase that does not learn: after enough steps its loss is still no lower than that of guessing. The answer
/// is the next optimiser.
/// </summary>
internal sealed class StallGuard(
    EpochLoopPlan plan,
    EpochSchedule schedule,
    OptimizerRestart restart,
    IProgress<TrainingEvent> progress
)
{
    private const int MinSteps = 20;
    private const int SlowEpochs = 3;
    private const double FallingFactor = 0.95; // a loss that falls this much in SlowEpochs may go on falling

    /// <summary>Switches to the next optimiser if the phase has stalled.</summary>
    /// <param name="at">Position at the start of an epoch.</param>
    /// <returns>The position to continue from.</returns>
    public TrainingPosition Check(TrainingPosition at)
    {
        int epochs = EpochSchedule.FinishedEpochs(at);
        if (
            at.HasStalledForGood || !IsStalled(plan, at.Losses, epochs * schedule.StepsPerEpoch, schedule.LastEpoch(at))
        )
        {
            return at;
        }

        OptimizerFallback optimizer = OptimizerFallback.At(plan, at);
        string losses = FormattableString.Invariant(
            $"the loss is {at.Losses[^1]:0.00}, no better than guessing ({plan.GuessingLoss:0.00})"
        );
        string stalled = $"'{plan.Name}' has stalled: after {epochs} epochs by {optimizer} {losses}";
        return restart.TryNext(at, stalled) ?? GiveUp(at, stalled);
    }

    /// <summary>
    /// True where the loss is no better than guessing, and has stopped falling or reached its last epoch.
    /// </summary>
    /// <param name="plan">Settings of the phase.</param>
    /// <param name="losses">Mean loss of each epoch with the current optimiser, in nats.</param>
    /// <param name="steps">Steps taken with it.</param>
    /// <param name="epochs">Epochs planned for it.</param>
    public static bool IsStalled(EpochLoopPlan plan, IReadOnlyList<double> losses, int steps, int epochs) =>
        plan.GuessingLoss is double guessing
        && losses.Count > 0
        && losses[^1] >= guessing
        && (
            losses.Count >= epochs
            || (
                steps >= MinSteps && losses.Count > SlowEpochs && losses[^1] > FallingFactor * losses[^(1 + SlowEpochs)]
            )
        );

    private TrainingPosition GiveUp(TrainingPosition at, string stalled)
    {
        progress.Report(
            new Notice(
                $"{stalled}. No other optimiser has done better; train a simpler head, such as one linear layer.",
                IsWarning: true
            )
        );
        return at with { HasStalledForGood = true };
    }
}
