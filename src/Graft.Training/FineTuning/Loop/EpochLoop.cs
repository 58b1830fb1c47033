using System.Diagnostics;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>What a phase is told: the same for warm-up (the head alone) and fine-tuning (body layers too).</summary>
internal sealed record EpochLoopPlan
{
    /// <summary>"warm up" or "fine-tune".</summary>
    public required string Name { get; init; }

    /// <summary>Where the trained part begins; null: at the head.</summary>
    public CutPoint? Cut { get; init; }

    public required int Epochs { get; init; }

    public required OptimizerKind Optimizer { get; init; }

    public required double HeadRate { get; init; }

    public required double BodyRate { get; init; }

    public required int Batch { get; init; }

    public required double WeightDecay { get; init; }

    public required long Seed { get; init; }

    /// <summary>Of activations and the weights that meet them; masters are float32.</summary>
    public torch.ScalarType ComputeType { get; init; } = torch.ScalarType.Float32;

    public double QuarterDecay { get; init; } = 1;

    /// <summary>
    /// The share of a label's weight that is spread over all classes (Szegedy et al. 2016, section 7).
    /// </summary>
    public double LabelSmoothing { get; init; }

    public double WarmUpShare { get; init; } = 0.05;

    public double EmaDecay { get; init; }

    public int Patience { get; init; } = 1000;

    public int MaxRollbacks { get; init; } = 3;

    /// <summary>
    /// True where an epoch's loss may rise above that of guessing, as a random head's first ones do; otherwise it leads
    /// back to the last good weights.
    /// </summary>
    public bool AllowsHighLoss { get; init; }

    /// <summary>
    /// What guessing by the classes' frequencies loses, in nats: a phase that stays there tries another optimiser
    /// (<see cref="OptimizerFallback"/>). Null: nobody looks.
    /// </summary>
    public double? GuessingLoss { get; init; }

    /// <summary>What the usual rate of another optimiser depends on.</summary>
    public int FeatureCount { get; init; } = 1;

    public double? TargetAccuracy { get; init; }

    /// <summary>False: the validation images are looked at when all is done, and choose no epoch.</summary>
    public bool ValidatesEpochs { get; init; } = true;

    /// <summary>
    /// Where no epoch is judged: the epoch after which to stop, of a schedule laid out for <see cref="Epochs"/>.
    /// </summary>
    public int StopAfter { get; init; }

    /// <summary>Where no epoch is judged: end with the running average of the weights.</summary>
    public bool EndsWithEma { get; init; }

    /// <summary>With the old head's classes; null: without.</summary>
    public CoTuning? CoTuning { get; init; }
}

/// <summary>What came of a phase; the tail's weights are then the best by validation.</summary>
/// <param name="Start">On validation images, before the first step.</param>
/// <param name="Best">On validation images.</param>
/// <param name="BestEpoch">Counted from 1; 0 where no epoch was better than the start.</param>
/// <param name="BestIsEma">Whether the best weights are the running average.</param>
/// <param name="Last">On validation images, after <paramref name="LastEpoch"/>.</param>
/// <param name="RateScale">What setbacks have left of the rates, 0..1.</param>
/// <param name="Optimizer">Of the attempt that ended.</param>
/// <param name="HeadRate">The peak rate of that attempt.</param>
/// <param name="Reason">Why it stopped.</param>
internal sealed record EpochLoopResult(
    ValidationScore Start,
    ValidationScore Best,
    int BestEpoch,
    bool BestIsEma,
    ValidationScore Last,
    int LastEpoch,
    double RateScale,
    OptimizerKind Optimizer,
    double HeadRate,
    string Reason
)
{
    /// <summary>
    /// The epochs that the rate was laid out for in the end: fewer than planned where the time budget was short.
    /// </summary>
    public int? ScheduledEpochs { get; init; }

    /// <summary>True where the time budget ended it before the last of its epochs.</summary>
    public bool IsOutOfTime { get; init; }
}

/// <summary>Trains a tail from its activations: the loop behind warm-up and fine-tuning.</summary>
/// <param name="validation">Empty, or the plan judges no epoch: <see cref="EpochLoopPlan.StopAfter"/> and
/// <see cref="EpochLoopPlan.EndsWithEma"/> say how it ends.</param>
/// <param name="checkpoints">Where moments are kept and gone on from; null: nowhere.</param>
/// <param name="budget">Where it is too short for all epochs, the rate falls to zero over as many as fit; null: no
/// limit.</param>
internal sealed class EpochLoop(
    EpochLoopPlan plan,
    TorchGraph tail,
    IReadOnlyList<ParameterGroup> groups,
    LabelledActivations training,
    LabelledActivations validation,
    int classCount,
    IProgress<TrainingEvent> progress,
    CheckpointFolder.StepCheckpoints? checkpoints = null,
    TimeBudget? budget = null
) : IDisposable
{
    private const double SetbackFactor = 0.1;
    private const double WorseThanGuessing = 1.2;
    private readonly Tensor[] _parameters = [.. groups.SelectMany(g => g.Parameters)];
    private readonly EarlyStopping _judge = new(plan.Patience, plan.TargetAccuracy);
    private readonly int _stepsAnEpoch = (training.Count + plan.Batch - 1) / plan.Batch;
    private readonly Stopwatch _watch = new();
    private BatchGradient _gradient = null!;
    private WeightCopy _best = null!;
    private WeightCopy _average = null!;
    private TailOptimizer _optimizer = null!;
    private TrainingPosition _at = null!;
    private OptimizerFallback _attempt = null!;
    private long _imagesBefore;
    private double _secondsBefore;
    private bool _isOutOfTime;

    private int Epochs => _at.ScheduledEpochs ?? plan.Epochs;

    private int LastEpoch => IsJudged ? Epochs : Math.Min(plan.StopAfter, Epochs);

    private bool IsJudged => plan.ValidatesEpochs && validation.Count > 0;

    private int AttemptEpoch => _at.Epoch - _at.OptimizerStartEpoch;

    /// <summary>
    /// Runs the epochs; what a cancellation or the end leaves in the tail are the best weights, the starting ones
    /// included.
    /// </summary>
    /// <exception cref="DivergedException">The loss is not finite however small the rate.</exception>
    public EpochLoopResult Run(CancellationToken cancel)
    {
        Begin();
        while (AttemptEpoch < LastEpoch && _judge.Reason is null && !cancel.IsCancellationRequested && !IsOutOfTime())
        {
            RunEpoch(cancel);
            KeepToBudget();
            Keep();
        }

        if (IsJudged)
        {
            _best.CopyTo(_parameters);
        }
        else if (plan.EndsWithEma)
        {
            _average.CopyTo(_parameters);
        }

        string done = _at.ScheduledEpochs is null
            ? $"{LastEpoch} epochs are done"
            : $"{LastEpoch} epochs are done, all that the time budget had room for";
        string reason = cancel.IsCancellationRequested
            ? "it was cancelled"
            : _judge.Reason ?? (_isOutOfTime ? budget!.Reason : done);
        return new(
            _at.Start,
            _judge.Best!,
            _at.BestEpoch,
            _at.BestIsEma,
            _at.Last ?? _at.Start,
            _at.LastEpoch,
            _at.RateScale,
            _attempt.Optimizer,
            _attempt.Rate,
            reason
        )
        {
            ScheduledEpochs = _at.ScheduledEpochs,
            IsOutOfTime = _isOutOfTime,
        };
    }

    public void Dispose()
    {
        _optimizer?.Dispose();
        _best?.Dispose();
        _average?.Dispose();
    }

    // At the start of the phase, or where the newest usable checkpoint was made.
    private void Begin()
    {
        _best = new(_parameters);
        _average = new(_parameters);
        _gradient = new(
            plan,
            tail,
            _parameters,
            progress,
            plan.CoTuning is null ? null : CoTuning.Relation(tail, training, classCount, plan.Batch)
        ); // of the weights that the body came with
        _watch.Start();
        _secondsBefore = budget?.Spent ?? 0;
        SavedSnapshot? saved = checkpoints?.Newest(source => TrainingSnapshot.Read(source, _parameters, plan));
        _attempt = OptimizerFallback.Of(plan, saved?.Snapshot.Position.Fallbacks ?? 0)!;
        _optimizer = new(_attempt.Optimizer, groups, plan.WeightDecay);
        if (saved is not null)
        {
            saved.Snapshot.Restore(saved.Source, _parameters, _best, _average, _optimizer);
            (_at, _judge.State, _gradient.Pieces) = (
                saved.Snapshot.Position,
                saved.Snapshot.Stopping,
                saved.Snapshot.Position.Pieces
            );
            _imagesBefore = ((long)_at.Epoch * training.Count) + _at.Images;
            progress.Report(
                new Notice(
                    $"'{plan.Name}' goes on in epoch {_at.Epoch + 1} after {_at.Images} of {training.Count} images."
                )
            );
            return;
        }

        _at = new() { Start = TailEvaluation.Score(tail, validation, plan.Batch) };
        _judge.Observe(_at.Start);
    }

    private void Keep()
    {
        if (checkpoints is not null)
        {
            using DisposeScope scope = NewDisposeScope();
            TrainingSnapshot moment = new(_at, _judge.State, [.. _optimizer.Rules.Select(r => r.Rule.Steps)]);
            checkpoints.Keep(moment, TrainingSnapshot.Tensors(_parameters, _best, _average, _optimizer));
        }
    }

    // Once used up it stays so, within one phase.
    private bool IsOutOfTime() => _isOutOfTime = _isOutOfTime || budget?.IsSpent == true;

    // Between epochs: a rate that has not fallen when the time is over leaves worse weights than fewer epochs do. What
    // is decided is kept in checkpoints; only the deciding looks at the clock.
    private void KeepToBudget()
    {
        long images = ((long)_at.Epoch * training.Count) - _imagesBefore;
        if (budget is not { IsLimited: true } || images <= 0 || AttemptEpoch >= LastEpoch || _isOutOfTime)
        {
            return;
        }

        double secondsAnEpoch = (budget.Spent - _secondsBefore) * training.Count / images;
        int room = AttemptEpoch + (int)Math.Min(plan.Epochs, budget.Left / Math.Max(secondsAnEpoch, 1e-9));
        if (room < LastEpoch)
        {
            _at = _at with { ScheduledEpochs = room };
            progress.Report(
                new Notice(
                    $"An epoch takes {secondsAnEpoch:0.#} s: the time budget has room for {room} of {plan.Epochs} epochs, and the rate falls to zero within them."
                )
            );
        }
    }

    private void RunEpoch(CancellationToken cancel)
    {
        int done = AttemptEpoch + 1;
        LearningRate shape = new(
            _at.RateScale,
            (int)(plan.WarmUpShare * Epochs * _stepsAnEpoch),
            Epochs * _stepsAnEpoch
        );
        double? loss = Pass(shape, cancel);
        if (cancel.IsCancellationRequested || (_isOutOfTime && _at.Images == 0))
        {
            return;
        }

        if (
            loss is null
            || (!plan.AllowsHighLoss && loss > WorseThanGuessing * Math.Max(Math.Log(classCount), _at.FirstLoss ?? 0))
        )
        {
            _at = _at.NextEpoch();
            SetBack(loss is null ? "is not finite" : $"of {loss:0.0} is above that of guessing");
            return;
        }

        ValidationScore? score = IsJudged ? Judge(done) : null;
        _at = _at.NextEpoch() with { Last = score, LastEpoch = done, Losses = [.. _at.Losses, loss.Value] };
        double rate = _attempt.Rate * shape.At((done * _stepsAnEpoch) - 1);
        progress.Report(new EpochEnded(plan.Name, done, Epochs, loss.Value, score?.Loss, score?.Accuracy, rate));
        if (!_at.HasStalledForGood && OptimizerFallback.IsStalled(plan, _at.Losses, done * _stepsAnEpoch, LastEpoch))
        {
            AnswerStall(done, loss.Value);
        }

        FaultPoint.Hit("epoch");
    }

    private void AnswerStall(int epochs, double loss)
    {
        string stalled = FormattableString.Invariant(
            $"'{plan.Name}' has stalled: after {epochs} epochs by {_attempt} the loss is {loss:0.00}, no better than guessing ({plan.GuessingLoss:0.00})"
        );
        if (OptimizerFallback.Of(plan, _at.Fallbacks + 1) is OptimizerFallback next)
        {
            TryAnother(stalled, next);
            return;
        }

        _at = _at with { HasStalledForGood = true };
        progress.Report(
            new Notice(
                $"{stalled}, and no other optimiser has done better: a simpler head (--head linear) can be trained.",
                IsWarning: true
            )
        );
    }

    // The weights go back to the best so far, which are hardly better than guessing: to the start, mostly.
    private void TryAnother(string reason, OptimizerFallback next)
    {
        progress.Report(new Notice($"{reason}; it begins again by {next}.", IsWarning: true));
        _attempt = next;
        _at = _at with
        {
            Fallbacks = _at.Fallbacks + 1,
            OptimizerStartEpoch = _at.Epoch,
            Losses = [],
            ScheduledEpochs = null,
            RateScale = 1,
            Rollbacks = 0,
        };
        BeginAgain();
    }

    // What is left of a pass over the training images; the mean loss in nats, or null as soon as one is not finite.
    private double? Pass(LearningRate shape, CancellationToken cancel)
    {
        bool isFinite = true;
        foreach (Batch batch in training.ShuffledBatches(plan.Batch, plan.Seed, _at.Epoch, _at.Batches).Prefetched())
        {
            using Batch owned = batch;
            if (!isFinite || cancel.IsCancellationRequested || IsOutOfTime())
            {
                continue; // the batches made ahead are freed
            }

            int step = (_at.Epoch * _stepsAnEpoch) + _at.Batches;
            double? loss = Step(batch, shape.At(step - (_at.OptimizerStartEpoch * _stepsAnEpoch)), step);
            if (loss is null)
            {
                isFinite = false;
                continue;
            }

            int count = (int)batch.Labels.shape[0];
            _at = _at with
            {
                Batches = _at.Batches + 1,
                LossSum = _at.LossSum + (loss.Value * count),
                Images = _at.Images + count,
            };
            Report();
            if (checkpoints?.IsDue == true)
            {
                Keep();
            }
        }

        return isFinite ? _at.LossSum / Math.Max(1, _at.Images) : null;
    }

    private double? Step(Batch batch, double rate, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        double? loss = _gradient.Add(batch, step);
        if (loss is null)
        {
            return null;
        }

        _optimizer.Step(_attempt.Rate * rate, plan.BodyRate * rate);
        if (plan.EmaDecay > 0)
        {
            _average.UpdateEma(_parameters, plan.EmaDecay, step);
        }

        // the first before any step: a random head may begin above guessing
        _at = _at with { FirstLoss = _at.FirstLoss ?? loss, Pieces = _gradient.Pieces };
        return loss;
    }

    // Judges the weights and their running average; the better of the two is this epoch's score.
    private ValidationScore Judge(int epoch)
    {
        ValidationScore score = TailEvaluation.Score(tail, validation, plan.Batch);
        bool isAverage = false;
        using WeightCopy current = new(_parameters);
        if (plan.EmaDecay > 0)
        {
            _average.CopyTo(_parameters);
            ValidationScore averaged = TailEvaluation.Score(tail, validation, plan.Batch);
            isAverage = averaged.IsBetterThan(score);
            score = isAverage ? averaged : score;
        }

        if (_judge.Observe(score))
        {
            if (!isAverage)
            {
                current.CopyTo(_parameters);
            }

            _best.CopyFrom(_parameters);
            _at = _at with { BestEpoch = epoch, BestIsEma = isAverage };
        }

        current.CopyTo(_parameters); // training goes on from the weights themselves
        return score;
    }

    private void SetBack(string what)
    {
        if (_at.Rollbacks == plan.MaxRollbacks)
        {
            if (
                plan.GuessingLoss is not null
                && OptimizerFallback.Of(plan, _at.Fallbacks + 1) is OptimizerFallback next
            )
            {
                TryAnother(
                    $"'{plan.Name}' diverges by {_attempt}: the loss {what} even with {_at.RateScale:0.######} of the rate",
                    next
                );
                return;
            }

            throw new DivergedException(
                $"'{plan.Name}' cannot go on: the loss {what} even with {_at.RateScale:0.######} of the rate; choose a smaller --body-rate and --head-rate"
            );
        }

        BeginAgain();
        _at = _at with { RateScale = _at.RateScale * SetbackFactor, Rollbacks = _at.Rollbacks + 1 };
        progress.Report(
            new Notice(
                $"The loss {what}: back to the best weights so far, on with a rate of {_attempt.Rate * _at.RateScale:0.#######}.",
                IsWarning: true
            )
        );
    }

    // From the best weights so far, with an optimiser that has seen nothing: its moments may hold values that are not
    // finite.
    private void BeginAgain()
    {
        _best.CopyTo(_parameters);
        _average.CopyFrom(_parameters);
        _optimizer.Dispose();
        _optimizer = new(_attempt.Optimizer, groups, plan.WeightDecay);
    }

    private void Report()
    {
        long images = ((long)_at.Epoch * training.Count) + _at.Images;
        long total = (long)(_at.OptimizerStartEpoch + LastEpoch) * training.Count;
        double perSecond = (images - _imagesBefore) / _watch.Elapsed.TotalSeconds;
        progress.Report(
            new Progressed(
                plan.Name,
                images,
                total,
                "images",
                perSecond,
                TimeSpan.FromSeconds((total - images) / perSecond)
            )
        );
    }
}
