using Graft.Training.Run;
using Graft.Training.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>A snapshot, and the checkpoint that holds its tensors.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Source">The checkpoint.</param>
internal sealed record SavedSnapshot(TrainingSnapshot Snapshot, Checkpoint Source);

/// <summary>State of a phase in a checkpoint, besides the tensors.</summary>
/// <param name="Position">Position of the phase.</param>
/// <param name="Stopping">State of early stopping.</param>
/// <param name="Steps">Steps taken by the optimiser rule of each parameter.</param>
internal sealed record TrainingSnapshot(TrainingPosition Position, StoppingState Stopping, int[] Steps)
{
    /// <summary>
    /// The tensors of a checkpoint. They must be written before the weights change, and live in the caller's scope.
    /// </summary>
    public static List<WeightTensor> Tensors(TrainedWeights weights)
    {
        List<WeightTensor> tensors =
        [
            .. Named("weight", weights.Parameters),
            .. Named("best", weights.Best.Values),
            .. Named("ema", weights.Ema.Values),
        ];
        int i = 0;
        foreach ((_, OptimizerRule rule) in weights.Optimizer.Rules)
        {
            tensors.AddRange(Named($"moment.{i++}", rule.Moments));
        }

        return tensors;
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="source">The checkpoint.</param>
    /// <param name="parameters">The parameters that it must fit.</param>
    /// <param name="plan">Settings of the phase.</param>
    /// <exception cref="CheckpointException">It does not fit.</exception>
    public static SavedSnapshot Read(Checkpoint source, IReadOnlyList<Tensor> parameters, EpochLoopPlan plan)
    {
        TrainingSnapshot snapshot = source.StateAs<TrainingSnapshot>();
        TrainingPosition at = snapshot.Position;
        if (
            snapshot.Steps.Length != parameters.Count
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
            IEnumerable<string> names = ((string[])["weight", "best", "ema"])
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

        return new(snapshot, source);
    }

    /// <summary>Copies the tensors of a checkpoint into the weights and a new optimiser.</summary>
    public void Restore(Checkpoint source, TrainedWeights weights)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        CopyTo("weight", weights.Parameters);
        CopyTo("best", weights.Best.Values);
        CopyTo("ema", weights.Ema.Values);
        int i = 0;
        foreach ((TorchSharp.Modules.Parameter parameter, OptimizerRule rule) in weights.Optimizer.Rules)
        {
            Tensor[] moments =
            [
                .. MomentNames(source, i).Select(name => source.Tensor(name, WeightType.Float32).ToTensor()),
            ];
            rule.Restore(parameter, moments, Steps[i++]);
            if (moments.Length > 0)
            {
                // as a step leaves it: 0 + -0 is 0, so adding a gradient differs from setting it
                parameter.grad = zeros_like(parameter);
            }
        }

        void CopyTo(string kind, IReadOnlyList<Tensor> targets)
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
