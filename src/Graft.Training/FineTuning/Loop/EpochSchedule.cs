namespace Graft.Training.FineTuning;

/// <summary>How many epochs a phase has, and at which rate each step is taken.</summary>
/// <param name="Plan">Settings of the phase.</param>
/// <param name="StepsPerEpoch">Batches in one pass over the training images.</param>
/// <param name="IsValidated">True where each epoch is scored on validation images.</param>
internal sealed record EpochSchedule(EpochLoopPlan Plan, int StepsPerEpoch, bool IsValidated)
{
    /// <summary>Epochs that the rate is laid out for.</summary>
    public int EpochCount(TrainingPosition at) => at.ScheduledEpochs ?? Plan.Epochs;

    /// <summary>Epoch after which the phase ends, counted from 1 with the current optimiser.</summary>
    public int LastEpoch(TrainingPosition at) =>
        IsValidated ? EpochCount(at) : Math.Min(Plan.StopAfter, EpochCount(at));

    /// <summary>Finished epochs with the current optimiser.</summary>
    public static int FinishedEpochs(TrainingPosition at) => at.Epoch - at.OptimizerStartEpoch;

    /// <summary>True where all epochs are done.</summary>
    public bool IsDone(TrainingPosition at) => FinishedEpochs(at) >= LastEpoch(at);

    /// <summary>The next step, counted from 0 over the whole phase.</summary>
    public int Step(TrainingPosition at) => (at.Epoch * StepsPerEpoch) + at.Batches;

    /// <summary>Share (0..1) of the peak rates at the next step.</summary>
    public double RateShare(TrainingPosition at) => Shape(at).At(Step(at) - (at.OptimizerStartEpoch * StepsPerEpoch));

    /// <summary>Share (0..1) of the peak rates at the last step of the current epoch.</summary>
    public double RateShareAtEnd(TrainingPosition at) => Shape(at).At(((FinishedEpochs(at) + 1) * StepsPerEpoch) - 1);

    private LearningRate Shape(TrainingPosition at)
    {
        int epochs = EpochCount(at);
        return new(at.RateScale, (int)(Plan.WarmUpShare * epochs * StepsPerEpoch), epochs * StepsPerEpoch);
    }
}
