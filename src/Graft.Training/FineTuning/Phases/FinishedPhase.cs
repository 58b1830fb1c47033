using Graft.Torch;
using Graft.Training.Run;
using Graft.Training.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// The kept result of a phase that has ended: how it went, the best weights, their answers on validation images.
/// </summary>
internal sealed record FinishedPhase(EpochLoopResult Outcome, Checkpoint Source)
{
    private const string Prefix = "weight ";
    private const string Answers = "logits";

    /// <summary>Null where the phase has not ended, or its result cannot be used.</summary>
    public static FinishedPhase? Load(CheckpointFolder.StepCheckpoints? checkpoints, TorchGraph tail) =>
        checkpoints?.Result(source => Read(source, tail));

    public static void Save(
        CheckpointFolder.StepCheckpoints? checkpoints,
        TorchGraph tail,
        EpochLoopResult outcome,
        float[] logits
    )
    {
        using DisposeScope scope = NewDisposeScope();
        checkpoints?.Finish(
            outcome,
            [
                .. tail.Parameters.Select(p => TensorWeights.Of(Prefix + p.Key, p.Value)),
                TensorWeights.Of(Answers, logits),
            ]
        );
    }

    /// <summary>Puts the weights into the tail.</summary>
    public (EpochLoopResult Outcome, float[] Logits) Restore(TorchGraph tail)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in tail.Parameters)
        {
            parameter.copy_(Source.Tensor(Prefix + name, WeightType.Float32).ToTensor());
        }

        return (Outcome, Source.Tensor(Answers, WeightType.Float32).ToSingles());
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

        _ = source.Tensor(Answers, WeightType.Float32);
        return new(source.StateAs<EpochLoopResult>(), source);
    }
}
