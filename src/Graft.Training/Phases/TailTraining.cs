using System.Diagnostics;
using Graft.Training.Network;
using Graft.Training.Runs;
using TorchSharp;
using static Graft.Training.Network.HeldScalar;
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

    /// <summary>The share of a label's weight that is spread over all classes (Szegedy et al. 2016, section 7).</summary>
    public double LabelSmoothing { get; init; }

    public double RampShare { get; init; } = 0.05;

    public double AverageDecay { get; init; }

    public int Patience { get; init; } = 1000;

    public int MaxSetbacks { get; init; } = 3;

    /// <summary>True where an epoch's loss may rise above that of guessing, as a random head's first ones do; otherwise it leads back to the last good weights.</summary>
    public bool MayDiverge { get; init; }

    public double? TargetAccuracy { get; init; }

    /// <summary>Where there are no validation images: the epoch after which to stop, of a schedule laid out for <see cref="Epochs"/>.</summary>
    public int StopAfter { get; init; }

    /// <summary>Where there are no validation images: end with the running average of the weights.</summary>
    public bool EndsWithAverage { get; init; }
}

/// <summary>What came of a phase; the tail's weights are then the best by validation.</summary>
/// <param name="Start">On validation images, before the first step.</param>
/// <param name="Best">On validation images.</param>
/// <param name="BestEpoch">Counted from 1; 0 where no epoch was better than the start.</param>
/// <param name="BestIsAverage">Whether the best weights are the running average.</param>
/// <param name="Last">On validation images, after <paramref name="LastEpoch"/>.</param>
/// <param name="Scale">What setbacks have left of the rates, 0..1.</param>
/// <param name="Reason">Why it stopped.</param>
internal sealed record PhaseOutcome(Score Start, Score Best, int BestEpoch, bool BestIsAverage, Score Last, int LastEpoch, double Scale, string Reason);

/// <summary>Trains a tail from its activations: the loop behind warm-up and fine-tuning.</summary>
/// <param name="validation">Empty: nothing is judged; <see cref="PhasePlan.StopAfter"/> and <see cref="PhasePlan.EndsWithAverage"/> say how it ends.</param>
internal sealed class TailTraining(
    PhasePlan plan, TorchGraph tail, IReadOnlyList<ParameterGroup> groups, LabelledRows training, LabelledRows validation, int classCount, IProgress<TrainingEvent> progress) : IDisposable
{
    private const double SetbackFactor = 0.1;
    private const double WorseThanGuessing = 1.2;
    private readonly Tensor[] _parameters = [.. groups.SelectMany(g => g.Parameters)];
    private readonly EarlyStopping _judge = new(plan.Patience, plan.TargetAccuracy);
    private readonly int _stepsAnEpoch = (training.Count + plan.Batch - 1) / plan.Batch;
    private readonly Stopwatch _watch = new();
    private WeightCopy _best = null!;
    private WeightCopy _average = null!;
    private TailOptimizer _optimizer = null!;
    private double _scale = 1;
    private double? _firstLoss;
    private int _setbacks;
    private int _bestEpoch;
    private bool _bestIsAverage;
    private Score? _last;
    private int _lastEpoch;

    private bool IsJudged => validation.Count > 0;

    /// <summary>Runs the epochs; what a cancellation or the end leaves in the tail are the best weights, the starting ones included.</summary>
    /// <exception cref="GraftException">The loss is not finite however small the rate.</exception>
    public PhaseOutcome Run(CancellationToken cancel)
    {
        Score start = TailEvaluation.Score(tail, validation, plan.Batch);
        _judge.Judge(start);
        _best = new(_parameters);
        _average = new(_parameters);
        _optimizer = new(plan.Optimizer, groups, plan.WeightDecay);
        _watch.Start();
        int last = IsJudged ? plan.Epochs : plan.StopAfter;
        for (int epoch = 0; epoch < last && _judge.Reason is null && !cancel.IsCancellationRequested; epoch++)
        {
            RunEpoch(epoch, cancel);
        }

        if (IsJudged)
        {
            _best.Give(_parameters);
        }
        else if (plan.EndsWithAverage)
        {
            _average.Give(_parameters);
        }

        string reason = cancel.IsCancellationRequested ? "it was cancelled" : _judge.Reason ?? $"{last} epochs are done";
        return new(start, _judge.Best!, _bestEpoch, _bestIsAverage, _last ?? start, _lastEpoch, _scale, reason);
    }

    public void Dispose()
    {
        _optimizer?.Dispose();
        _best?.Dispose();
        _average?.Dispose();
    }

    private void RunEpoch(int epoch, CancellationToken cancel)
    {
        LearningRate shape = new(_scale, (int)(plan.RampShare * plan.Epochs * _stepsAnEpoch), plan.Epochs * _stepsAnEpoch);
        double? loss = Pass(epoch, shape, cancel);
        if (cancel.IsCancellationRequested)
        {
            return;
        }

        if (loss is null || (!plan.MayDiverge && loss > WorseThanGuessing * Math.Max(Math.Log(classCount), _firstLoss ?? 0)))
        {
            SetBack(loss is null ? "is not finite" : $"of {loss:0.0} is above that of guessing");
            return;
        }

        Score? score = IsJudged ? Judge(epoch) : null;
        (_last, _lastEpoch) = (score, epoch + 1);
        double rate = plan.HeadRate * shape.At(((epoch + 1) * _stepsAnEpoch) - 1);
        progress.Report(new EpochEnded(plan.Name, epoch + 1, plan.Epochs, loss.Value, score?.Loss, score?.Accuracy, rate));
    }

    // One pass over the training images; the mean loss in nats, or null as soon as one is not finite.
    private double? Pass(int epoch, LearningRate shape, CancellationToken cancel)
    {
        double lossSum = 0;
        int done = 0;
        int step = epoch * _stepsAnEpoch;
        foreach (Batch batch in training.ShuffledBatches(plan.Batch, plan.Seed, epoch).Ahead())
        {
            using Batch owned = batch;
            if (cancel.IsCancellationRequested)
            {
                continue;   // the batches made ahead are freed
            }

            double? loss = Step(batch, shape.At(step), step);
            if (loss is null)
            {
                cancel = new CancellationToken(canceled: true);
                lossSum = double.NaN;
                continue;
            }

            step++;
            int count = (int)batch.Labels.shape[0];
            lossSum += loss.Value * count;
            done += count;
            Report(epoch, done);
        }

        return double.IsNaN(lossSum) ? null : lossSum / Math.Max(1, done);
    }

    private double? Step(Batch batch, double rate, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tail.Forward(batch.Images, DropoutMasks.For(plan.Seed, step));   // [N,C]
        Tensor loss = functional.cross_entropy(logits, batch.Labels, label_smoothing: plan.LabelSmoothing);                   // mean over the batch
        float value = (float)loss.Value();
        if (!float.IsFinite(value))
        {
            return null;
        }

        _firstLoss ??= value;   // before any step: a random head may begin above guessing
        loss.backward();
        _optimizer.Step(plan.HeadRate * rate, plan.BodyRate * rate);
        if (plan.AverageDecay > 0)
        {
            _average.Average(_parameters, plan.AverageDecay, step);
        }

        return value;
    }

    // Judges the weights and their running average; the better of the two is this epoch's score.
    private Score Judge(int epoch)
    {
        Score score = TailEvaluation.Score(tail, validation, plan.Batch);
        bool isAverage = false;
        using WeightCopy current = new(_parameters);
        if (plan.AverageDecay > 0)
        {
            _average.Give(_parameters);
            Score averaged = TailEvaluation.Score(tail, validation, plan.Batch);
            isAverage = averaged.IsBetterThan(score);
            score = isAverage ? averaged : score;
        }

        if (_judge.Judge(score))
        {
            if (!isAverage)
            {
                current.Give(_parameters);
            }

            _best.Take(_parameters);
            _bestEpoch = epoch + 1;
            _bestIsAverage = isAverage;
        }

        current.Give(_parameters);   // training goes on from the weights themselves
        return score;
    }

    private void SetBack(string what)
    {
        if (++_setbacks > plan.MaxSetbacks)
        {
            throw new GraftException($"'{plan.Name}' cannot go on: the loss {what} even with {_scale:0.######} of the rate; choose a smaller --body-rate and --head-rate");
        }

        _best.Give(_parameters);
        _average.Take(_parameters);
        _optimizer.Dispose();
        _optimizer = new(plan.Optimizer, groups, plan.WeightDecay);   // its moments saw the values that were not finite
        _scale *= SetbackFactor;
        progress.Report(new Notice($"The loss {what}: back to the best weights so far, on with a rate of {plan.HeadRate * _scale:0.#######}.", IsWarning: true));
    }

    private void Report(int epoch, int done)
    {
        long images = ((long)epoch * training.Count) + done;
        long total = (long)(IsJudged ? plan.Epochs : plan.StopAfter) * training.Count;
        double perSecond = images / _watch.Elapsed.TotalSeconds;
        progress.Report(new Progressed(plan.Name, images, total, "images", perSecond, TimeSpan.FromSeconds((total - images) / perSecond)));
    }
}
