using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>Scores the weights and their running average (EMA) on the validation images, and keeps the best.</summary>
internal sealed class BestWeights(
    EpochLoopPlan plan,
    TorchGraph tail,
    LabelledActivations validation,
    TrainedWeights weights,
    EarlyStopping stopping
)
{
    /// <summary>Scores the weights before the first step.</summary>
    public ValidationScore ObserveStart()
    {
        ValidationScore start = Score();
        stopping.Observe(start);
        return start;
    }

    /// <summary>Scores the weights after an epoch. The epoch's score is the better one of weights and EMA.</summary>
    /// <param name="at">Position at the end of the epoch.</param>
    /// <param name="epoch">Number of the epoch, counted from 1.</param>
    /// <returns>The position with the best epoch so far, and the epoch's score.</returns>
    public (TrainingPosition Position, ValidationScore Score) Observe(TrainingPosition at, int epoch)
    {
        ValidationScore score = Score();
        bool isEma = false;
        using WeightCopy current = new(weights.Parameters);
        if (plan.EmaDecay > 0)
        {
            weights.Ema.CopyTo(weights.Parameters);
            ValidationScore averaged = Score();
            isEma = averaged.IsBetterThan(score);
            score = isEma ? averaged : score;
        }

        if (stopping.Observe(score))
        {
            if (!isEma)
            {
                current.CopyTo(weights.Parameters);
            }

            weights.Best.CopyFrom(weights.Parameters);
            at = at with { BestEpoch = epoch, BestIsEma = isEma };
        }

        current.CopyTo(weights.Parameters); // training continues from the weights themselves
        return (at, score);
    }

    private ValidationScore Score() => TailEvaluation.Score(tail, validation, plan.Batch);
}
