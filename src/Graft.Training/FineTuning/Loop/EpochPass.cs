using Graft.Training.Extraction;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>One pass over the training images, or the rest of one that was interrupted.</summary>
internal sealed class EpochPass(
    EpochLoopPlan plan,
    EpochSchedule schedule,
    LabelledActivations training,
    BatchGradient gradient,
    TrainedWeights weights,
    BudgetSchedule budget,
    LoopSnapshots snapshots,
    LoopProgress progress
)
{
    /// <summary>Trains on the epoch's remaining batches. Ends early when cancelled or out of time.</summary>
    /// <returns>The position behind the last batch, and the epoch's mean loss in nats; null where a loss is not
    /// finite.</returns>
    public (TrainingPosition Position, double? Loss) Run(TrainingPosition at, CancellationToken cancel)
    {
        OptimizerFallback optimizer = OptimizerFallback.At(plan, at);
        foreach (Batch batch in training.ShuffledBatches(plan.Batch, plan.Seed, at.Epoch, at.Batches).Prefetched())
        {
            using Batch owned = batch;
            if (cancel.IsCancellationRequested || budget.IsSpent())
            {
                break;
            }

            if (Step(batch, optimizer, schedule.RateShare(at), schedule.Step(at)) is not double loss)
            {
                return (at, null);
            }

            at = at.NextBatch(loss, (int)batch.Labels.shape[0], gradient.Pieces);
            progress.Report(at);
            snapshots.SaveIfDue(at);
        }

        return (at, at.LossSum / Math.Max(1, at.Images));
    }

    private double? Step(Batch batch, OptimizerFallback optimizer, double rateShare, int step)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double? loss = gradient.Add(batch, step);
        if (loss is not null)
        {
            weights.Step(optimizer.Rate * rateShare, plan.BodyRate * rateShare, step);
        }

        return loss;
    }
}
