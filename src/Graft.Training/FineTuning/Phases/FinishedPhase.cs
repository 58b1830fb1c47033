using Graft.Torch;
using Graft.Training.Run;
using Graft.Training.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>The checkpoint of a finished phase: its result, the best weights and their validation logits.</summary>
/// <param name="Result">Result of the phase.</param>
/// <param name="Source">The checkpoint.</param>
internal sealed record FinishedPhase(EpochLoopResult Result, Checkpoint Source)
{
    private const string Prefix = "weight ";
    private const string LogitsName = "logits";

    /// <summary>
    /// Reads the checkpoint. Null where the phase has not finished, or the checkpoint cannot be used.
    /// </summary>
    public static FinishedPhase? Load(CheckpointFolder.StepCheckpoints? checkpoints, TorchGraph tail) =>
        checkpoints?.Result(source => Read(source, tail));

    /// <summary>Writes the checkpoint.</summary>
    public static void Save(
        CheckpointFolder.StepCheckpoints? checkpoints,
        TorchGraph tail,
        EpochLoopResult result,
        float[] logits
    )
    {
        using DisposeScope scope = NewDisposeScope();
        checkpoints?.Finish(
            result,
            [
                .. tail.Parameters.Select(p => TensorWeights.Of(Prefix + p.Key, p.Value)),
                TensorWeights.Of(LogitsName, logits),
            ]
        );
    }

    /// <summary>Copies the weights into the tail.</summary>
    public (EpochLoopResult Result, float[] Logits) Restore(TorchGraph tail)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in tail.Parameters)
        {
            parameter.copy_(Source.Tensor(Prefix + name, WeightType.Float32).ToTensor());
        }

        return (Result, Source.Tensor(LogitsName, WeightType.Float32).ToSingles());
    }

    private static FinishedPhase Read(Checkpoint source, TorchGraph tail)
    {
        foreach ((string name, Parameter parameter) in tail.Parameters)
        {
            if (!source.Tensor(Prefix + name, WeightType.Float32).Shape.SequenceEqual(parameter.shape))
            {
                throw new CheckpointException($"its weight '{name}' is of another network");
            }
        }

        _ = source.Tensor(LogitsName, WeightType.Float32);
        return new(source.StateAs<EpochLoopResult>(), source);
    }
}
