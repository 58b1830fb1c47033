using Graft.Training.Run;
using Graft.Training.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Where a phase stands between two steps; with the weights and the moments of the same time, all that its future
/// depends on.
/// </summary>
internal sealed record TrainingPosition
{
    /// <summary>On validation images, before the first step.</summary>
    public required ValidationScore Start { get; init; }

    /// <summary>Counted from 0, over all attempts.</summary>
    public int Epoch { get; init; }

    /// <summary>
    /// That the rate is laid out for, where the time budget has room for fewer than the plan's; null: the plan's.
    /// </summary>
    public int? ScheduledEpochs { get; init; }

    /// <summary>Counted from 0: <c>Of</c>.</summary>
    public int Fallbacks { get; init; }

    /// <summary>The epoch in which this attempt began.</summary>
    public int OptimizerStartEpoch { get; init; }

    /// <summary>The mean loss of each epoch of this attempt, nats.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Every attempt has stalled; the last one goes on to its end.</summary>
    public bool HasStalledForGood { get; init; }

    /// <summary>Of this epoch that are done.</summary>
    public int Batches { get; init; }

    /// <summary>Over this epoch's images so far, nats.</summary>
    public double LossSum { get; init; }

    /// <summary>Of this epoch that are done.</summary>
    public int Images { get; init; }

    /// <summary>Of the first step of the phase, nats.</summary>
    public double? FirstLoss { get; init; }

    /// <summary>What setbacks have left of the rates, 0..1.</summary>
    public double RateScale { get; init; } = 1;

    public int Rollbacks { get; init; }

    /// <summary>Counted from 1; 0: the start.</summary>
    public int BestEpoch { get; init; }

    public bool BestIsEma { get; init; }

    /// <summary>On validation images, after <see cref="LastEpoch"/>; null where nothing is judged.</summary>
    public ValidationScore? Last { get; init; }

    /// <summary>Counted from 1.</summary>
    public int LastEpoch { get; init; }

    /// <summary>Into how many a batch is cut for lack of memory.</summary>
    public int Pieces { get; init; } = 1;

    public TrainingPosition NextEpoch() => this with { Epoch = Epoch + 1, Batches = 0, LossSum = 0, Images = 0 };
}

/// <summary>A moment, and the checkpoint that holds its tensors.</summary>
internal sealed record SavedSnapshot(TrainingSnapshot Snapshot, Checkpoint Source);

/// <summary>A phase's checkpoint.</summary>
/// <param name="Steps">Of each parameter's optimiser rule.</param>
internal sealed record TrainingSnapshot(TrainingPosition Position, StoppingState Stopping, int[] Steps)
{
    /// <summary>
    /// The tensors of this moment, to be written before anything changes and within the caller's scope.
    /// </summary>
    public static List<WeightTensor> Tensors(
        IReadOnlyList<Tensor> parameters,
        WeightCopy best,
        WeightCopy average,
        TailOptimizer optimizer
    )
    {
        List<WeightTensor> tensors =
        [
            .. Named("weight", parameters),
            .. Named("best", best.Values),
            .. Named("average", average.Values),
        ];
        int i = 0;
        foreach ((_, OptimizerRule rule) in optimizer.Rules)
        {
            tensors.AddRange(Named($"moment.{i++}", rule.Moments));
        }

        return tensors;
    }

    /// <summary>The state of a checkpoint that fits these parameters.</summary>
    /// <exception cref="CheckpointException">It does not fit.</exception>
    public static SavedSnapshot Read(Checkpoint source, IReadOnlyList<Tensor> parameters, EpochLoopPlan plan)
    {
        TrainingSnapshot moment = source.StateAs<TrainingSnapshot>();
        TrainingPosition at = moment.Position;
        if (
            moment.Steps.Length != parameters.Count
            || at.Epoch < 0
            || at.Batches < 0
            || at.Pieces < 1
            || at.Fallbacks < 0
            || at.OptimizerStartEpoch < 0
            || at.Losses is null
            || OptimizerFallback.Of(plan, at.Fallbacks) is null
        )
        {
            throw new CheckpointException("it is of another network");
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            IEnumerable<string> names = ((string[])["weight", "best", "average"])
                .Select(kind => $"{kind}.{i}")
                .Concat(MomentNames(source, i));
            foreach (string name in names)
            {
                if (!source.Tensor(name, WeightType.Float32).Shape.SequenceEqual(parameters[i].shape))
                {
                    throw new CheckpointException($"its tensor '{name}' is of another network");
                }
            }
        }

        return new(moment, source);
    }

    /// <summary>Puts the tensors of a checkpoint where they were.</summary>
    public void Restore(
        Checkpoint source,
        IReadOnlyList<Tensor> parameters,
        WeightCopy best,
        WeightCopy average,
        TailOptimizer optimizer
    )
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Give("weight", parameters);
        Give("best", best.Values);
        Give("average", average.Values);
        int i = 0;
        foreach ((TorchSharp.Modules.Parameter parameter, OptimizerRule rule) in optimizer.Rules)
        {
            Tensor[] moments =
            [
                .. MomentNames(source, i).Select(name => source.Tensor(name, WeightType.Float32).ToTensor()),
            ];
            rule.Restore(parameter, moments, Steps[i++]);
            if (moments.Length > 0)
            {
                // as a step leaves it: a gradient added to zero is not a gradient put there (-0)
                parameter.grad = zeros_like(parameter);
            }
        }

        void Give(string kind, IReadOnlyList<Tensor> targets)
        {
            for (int n = 0; n < targets.Count; n++)
            {
                targets[n].copy_(source.Tensor($"{kind}.{n}", WeightType.Float32).ToTensor());
            }
        }
    }

    private static IEnumerable<string> MomentNames(Checkpoint source, int parameter) =>
        Enumerable
            .Range(0, source.Tensors.Count)
            .Select(j => $"moment.{parameter}.{j}")
            .TakeWhile(source.Tensors.ContainsKey);

    private static IEnumerable<WeightTensor> Named(string kind, IReadOnlyList<Tensor> tensors) =>
        tensors.Select((tensor, i) => TensorWeights.Of($"{kind}.{i}", tensor));
}
