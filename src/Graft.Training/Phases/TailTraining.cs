using System.Diagnostics;
using Graft.Onnx;
using Graft.Training.Network;
using Graft.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Training.Phases;

/// <summary>What a phase is told: the same for warm-up (the head alone) and fine-tuning (body layers too).</summary>
internal sealed record PhasePlan
{
    /// <summary>"warm up" or "fine-tune".</summary>
    public required string Name { get; init; }

    public required int Epochs { get; init; }

    public required OptimizerKind Optimizer { get; init; }

    public required double HeadRate { get; init; }

    public required double BodyRate { get; init; }

    public required int Batch { get; init; }

    public required double WeightDecay { get; init; }

    public required long Seed { get; init; }

    /// <summary>Of activations and the weights that meet them; masters are float32.</summary>
    public torch.ScalarType ComputeType { get; init; } = torch.ScalarType.Float32;

    public double LayerDecay { get; init; } = 1;

    public double RampShare { get; init; } = 0.05;

    public double AverageDecay { get; init; }

    public int Patience { get; init; } = 1000;

    public int MaxSetbacks { get; init; } = 3;

    public double? TargetAccuracy { get; init; }
}

/// <summary>What came of a phase; the tail's weights are then the best by validation.</summary>
/// <param name="Best">On validation images; null where no epoch was better than the start, or none was run.</param>
/// <param name="Reason">Why it stopped.</param>
internal sealed record PhaseOutcome(Score Start, Score Best, int BestEpoch, string Reason);

/// <summary>Trains a tail from its activations: the loop behind warm-up and fine-tuning.</summary>
internal sealed class TailTraining(PhasePlan plan, TorchGraph tail, IReadOnlyList<ParameterGroup> groups, LabelledRows training, LabelledRows validation, IProgress<TrainingEvent>? progress)
{
    private const double SetbackFactor = 0.1;
    private readonly Tensor[] _parameters = [.. groups.SelectMany(g => g.Parameters)];

    /// <summary>Runs the epochs; what a cancellation or the end leaves in the tail are the best weights, the starting ones included.</summary>
    /// <exception cref="GraftException">The loss is not finite however small the rate.</exception>
    public PhaseOutcome Run(CancellationToken cancel)
    {
        EarlyStopping judge = new(plan.Patience, plan.TargetAccuracy);
        Score start = TailEvaluation.Score(tail, validation, plan.Batch);
        judge.Judge(start);
        using WeightCopy best = new(_parameters);
        using WeightCopy average = new(_parameters);
        int stepsAnEpoch = (training.Count + plan.Batch - 1) / plan.Batch;
        double scale = 1;
        int setbacks = 0;
        int step = 0;
        int bestEpoch = 0;
        string reason = $"{plan.Epochs} epochs are done";
        TailOptimizer optimizer = new(plan.Optimizer, groups, plan.WeightDecay);
        try
        {
            for (int epoch = 0; epoch < plan.Epochs; epoch++)
            {
                if (cancel.IsCancellationRequested)
                {
                    reason = "it was cancelled";
                    break;
                }

                LearningRate shape = new(scale, (int)(plan.RampShare * plan.Epochs * stepsAnEpoch), plan.Epochs * stepsAnEpoch);
                double? loss = Epoch(epoch, optimizer, average, shape, ref step, cancel);
                if (cancel.IsCancellationRequested)
                {
                    continue;
                }

                if (loss is null)
                {
                    scale = SetBack(best, average, ++setbacks, scale);
                    optimizer.Dispose();
                    optimizer = new(plan.Optimizer, groups, plan.WeightDecay);   // its moments saw the values that were not finite
                    step = (epoch + 1) * stepsAnEpoch;
                    continue;
                }

                Score score = Judge(judge, best, average, out bool isBest);
                bestEpoch = isBest ? epoch + 1 : bestEpoch;
                progress?.Report(new EpochEnded(plan.Name, epoch + 1, plan.Epochs, loss.Value, score.Loss, score.Accuracy, plan.HeadRate * shape.At(step - 1)));
                if (judge.Reason is not null)
                {
                    reason = judge.Reason;
                    break;
                }
            }
        }
        finally
        {
            optimizer.Dispose();
            best.Give(_parameters);
        }

        return new(start, judge.Best!, bestEpoch, reason);
    }

    // One pass over the training images; the mean loss in nats, or null as soon as one is not finite.
    private double? Epoch(int epoch, TailOptimizer optimizer, WeightCopy average, LearningRate shape, ref int step, CancellationToken cancel)
    {
        double lossSum = 0;
        int done = 0;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (Batch batch in training.ShuffledBatches(plan.Batch, plan.Seed, epoch))
        {
            if (cancel.IsCancellationRequested)
            {
                break;
            }

            using DisposeScope scope = NewDisposeScope();
            using Batch owned = batch;
            Tensor logits = tail.Forward(batch.Images, DropoutMasks.For(plan.Seed, step));   // [N,C]
            Tensor loss = functional.cross_entropy(logits, batch.Labels);                   // mean over the batch
            float value = loss.ToSingle();
            if (!float.IsFinite(value))
            {
                return null;
            }

            loss.backward();
            optimizer.Step(plan.HeadRate * shape.At(step), plan.BodyRate * shape.At(step));
            step++;
            if (plan.AverageDecay > 0)
            {
                average.Average(_parameters, plan.AverageDecay, step);
            }

            lossSum += value * batch.Labels.shape[0];
            done += (int)batch.Labels.shape[0];
            double perSecond = done / watch.Elapsed.TotalSeconds;
            long left = ((long)(plan.Epochs - epoch) * training.Count) - done;
            progress?.Report(new Progressed(plan.Name, ((long)epoch * training.Count) + done, (long)plan.Epochs * training.Count, "images", perSecond, TimeSpan.FromSeconds(left / perSecond)));
        }

        return lossSum / Math.Max(1, done);
    }

    // Judges the weights and their running average; the better of the two is this epoch's score.
    private Score Judge(EarlyStopping judge, WeightCopy best, WeightCopy average, out bool isBest)
    {
        Score score = TailEvaluation.Score(tail, validation, plan.Batch);
        using WeightCopy? current = plan.AverageDecay > 0 ? new(_parameters) : null;
        if (current is not null)
        {
            average.Give(_parameters);
            Score averaged = TailEvaluation.Score(tail, validation, plan.Batch);
            if (averaged.IsBetterThan(score))
            {
                score = averaged;
            }
            else
            {
                current.Give(_parameters);
            }
        }

        isBest = judge.Judge(score);
        if (isBest)
        {
            best.Take(_parameters);
        }

        current?.Give(_parameters);   // training goes on from the weights themselves
        return score;
    }

    private double SetBack(WeightCopy best, WeightCopy average, int setbacks, double scale)
    {
        if (setbacks > plan.MaxSetbacks)
        {
            throw new GraftException($"'{plan.Name}' cannot go on: the loss is not finite even with {scale:0.######} of the rate; choose a smaller --body-rate and --head-rate");
        }

        best.Give(_parameters);
        average.Take(_parameters);
        double smaller = scale * SetbackFactor;
        progress?.Report(new Notice($"The loss is not finite: back to the best weights so far, on with a rate of {plan.HeadRate * smaller:0.#######}.", IsWarning: true));
        return smaller;
    }
}
