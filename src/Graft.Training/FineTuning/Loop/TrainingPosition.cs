using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>
/// Position of a phase between two steps. Together with the weights and the optimiser's moments it determines
/// everything that follows, and so it is what a checkpoint records.
/// </summary>
internal sealed record TrainingPosition
{
    /// <summary>Validation score before the first step.</summary>
    public required ValidationScore Start { get; init; }

    /// <summary>Current epoch, counted from 0 over all optimisers.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs of the schedule, where the time budget allows fewer than the plan's. Null: the plan's.</summary>
    public int? ScheduledEpochs { get; init; }

    /// <summary>Number of optimiser fallbacks so far (<see cref="OptimizerFallback.Of"/>).</summary>
    public int Fallbacks { get; init; }

    /// <summary>Epoch in which the current optimiser began.</summary>
    public int OptimizerStartEpoch { get; init; }

    /// <summary>Mean loss of each epoch with the current optimiser, in nats.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>True where every optimiser has stalled; the last one continues to the end.</summary>
    public bool HasStalledForGood { get; init; }

    /// <summary>Finished batches of this epoch.</summary>
    public int Batches { get; init; }

    /// <summary>Sum of the losses of this epoch's images so far, in nats.</summary>
    public double LossSum { get; init; }

    /// <summary>Finished images of this epoch.</summary>
    public int Images { get; init; }

    /// <summary>Loss of the first step of the phase, in nats.</summary>
    public double? FirstLoss { get; init; }

    /// <summary>What rollbacks have left of the rates, 0..1.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Number of rollbacks with the current optimiser.</summary>
    public int Rollbacks { get; init; }

    /// <summary>Best epoch, counted from 1; 0: the start.</summary>
    public int BestEpoch { get; init; }

    /// <summary>True where the best weights are the running average (EMA).</summary>
    public bool BestIsEma { get; init; }

    /// <summary>Validation score after <see cref="LastEpoch"/>. Null: epochs are not validated.</summary>
    public ValidationScore? Last { get; init; }

    /// <summary>Last finished epoch, counted from 1.</summary>
    public int LastEpoch { get; init; }

    /// <summary>Number of pieces that a batch is split into for lack of memory.</summary>
    public int Pieces { get; init; } = 1;

    /// <summary>The position after one more batch.</summary>
    /// <param name="loss">Mean loss of the batch, in nats.</param>
    /// <param name="imageCount">Images in the batch.</param>
    /// <param name="pieces">Pieces that the batch was split into.</param>
    public TrainingPosition NextBatch(double loss, int imageCount, int pieces) =>
        this with
        {
            Batches = Batches + 1,
            LossSum = LossSum + (loss * imageCount),
            Images = Images + imageCount,
            FirstLoss = FirstLoss ?? loss, // before any step: a random head may begin above guessing
            Pieces = pieces,
        };

    /// <summary>The position at the start of the next epoch.</summary>
    public TrainingPosition NextEpoch() => this with { Epoch = Epoch + 1, Batches = 0, LossSum = 0, Images = 0 };
}
