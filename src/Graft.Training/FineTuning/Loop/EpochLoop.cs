using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>
/// Trains a tail from its activations: the loop behind head training and fine-tuning. Made by
/// <see cref="EpochLoopFactory"/>.
/// </summary>
internal sealed class EpochLoop(
    EpochLoopPlan plan,
    TrainingPosition start,
    TrainedWeights weights,
    EpochSchedule schedule,
    EpochPass pass,
    BestWeights best,
    EarlyStopping stopping,
    BudgetSchedule budget,
    DivergenceGuard divergence,
    StallGuard stall,
    LoopSnapshots snapshots,
    IProgress<TrainingEvent> progress
)
{
    /// <summary>
    /// Runs the epochs. The tail then holds the best weights, after a cancellation too; the weights at the start are
    /// among the candidates.
    /// </summary>
    /// <exception cref="DivergedException">The loss is not finite or too high, however small the rate.</exception>
    public EpochLoopResult Run(CancellationToken cancel)
    {
        TrainingPosition at = start;
        while (!schedule.IsDone(at) && stopping.Reason is null && !cancel.IsCancellationRequested && !budget.IsSpent())
        {
            at = RunEpoch(at, cancel);
            at = budget.Shorten(at);
            snapshots.Save(at);
        }

        if (schedule.IsValidated)
        {
            weights.Best.CopyTo(weights.Parameters);
        }
        else if (plan.EndsWithEma)
        {
            weights.Ema.CopyTo(weights.Parameters);
        }

        return ResultAt(at, cancel);
    }

    private TrainingPosition RunEpoch(TrainingPosition at, CancellationToken cancel)
    {
        int epoch = EpochSchedule.FinishedEpochs(at) + 1;
        double rate = OptimizerFallback.At(plan, at).Rate * schedule.RateShareAtEnd(at);
        (at, double? loss) = pass.Run(at, cancel);
        if (cancel.IsCancellationRequested || (budget.WasSpent && at.Images == 0))
        {
            return at;
        }

        if (loss is not double finite || divergence.IsTooHigh(finite, at))
        {
            return divergence.RollBack(at.NextEpoch(), loss);
        }

        ValidationScore? score = null;
        if (schedule.IsValidated)
        {
            (at, score) = best.Observe(at, epoch);
        }

        at = at.NextEpoch() with { Last = score, LastEpoch = epoch, Losses = [.. at.Losses, finite] };
        int epochs = schedule.EpochCount(at);
        progress.Report(
            new EpochEnded(plan.Name, epoch, epochs, finite, score?.Loss, score?.Accuracy, rate) { Task = plan.Task }
        );
        at = stall.Check(at);
        FaultPoint.Hit("epoch");
        return at;
    }

    private EpochLoopResult ResultAt(TrainingPosition at, CancellationToken cancel)
    {
        OptimizerFallback optimizer = OptimizerFallback.At(plan, at);
        string done = $"{schedule.LastEpoch(at)} epochs are done";
        string allDone = at.ScheduledEpochs is null ? done : $"{done}, as many as the time budget allows";
        string reason = cancel.IsCancellationRequested
            ? "it was cancelled"
            : stopping.Reason ?? (budget.WasSpent ? budget.Reason : allDone);
        return new(
            at.Start,
            stopping.Best ?? at.Start,
            at.BestEpoch,
            at.BestIsEma,
            at.Last ?? at.Start,
            at.LastEpoch,
            at.RateScale,
            optimizer.Optimizer,
            optimizer.Rate,
            reason
        )
        {
            ScheduledEpochs = at.ScheduledEpochs,
            IsOutOfTime = budget.WasSpent,
        };
    }
}
