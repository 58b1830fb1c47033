using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>
/// Fits a phase into the time budget. Fewer epochs with a rate that falls to zero leave better weights than a schedule
/// that is cut off.
/// </summary>
/// <param name="schedule">Epochs of the phase.</param>
/// <param name="budget">Time that is left.</param>
/// <param name="imageCount">Training images per epoch.</param>
/// <param name="imagesBefore">Images that an earlier session has trained on.</param>
/// <param name="secondsBefore">What was spent of the budget when this session began the phase.</param>
/// <param name="progress">Receives a notice when the schedule is shortened.</param>
internal sealed class BudgetSchedule(
    EpochSchedule schedule,
    TimeBudget budget,
    int imageCount,
    long imagesBefore,
    double secondsBefore,
    IProgress<TrainingEvent> progress
)
{
    /// <summary>True once the budget was found spent; it stays so for the rest of the phase.</summary>
    public bool WasSpent { get; private set; }

    /// <summary>Half a sentence that says that the budget is spent.</summary>
    public string Reason => budget.Reason;

    /// <summary>Looks at the clock: true where the budget is spent.</summary>
    public bool IsSpent() => WasSpent = WasSpent || budget.IsSpent;

    /// <summary>
    /// Shortens the schedule, between two epochs, to what the remaining time allows. Checkpoints keep the decision, so
    /// a resumed phase does not look at the clock again.
    /// </summary>
    public TrainingPosition Shorten(TrainingPosition at)
    {
        long images = ((long)at.Epoch * imageCount) - imagesBefore;
        if (!budget.IsLimited || images <= 0 || schedule.IsDone(at) || WasSpent)
        {
            return at;
        }

        int planned = schedule.Plan.Epochs;
        double secondsPerEpoch = (budget.Spent - secondsBefore) * imageCount / images;
        int affordable =
            EpochSchedule.FinishedEpochs(at) + (int)Math.Min(planned, budget.Left / Math.Max(secondsPerEpoch, 1e-9));
        if (affordable >= schedule.LastEpoch(at))
        {
            return at;
        }

        progress.Report(
            new Notice(
                $"An epoch takes {secondsPerEpoch:0.#} s: "
                    + $"the time budget has room for {affordable} of {planned} epochs. "
                    + "The rate falls to zero within them."
            )
        );
        return at with { ScheduledEpochs = affordable };
    }
}
