using Graft.Training.Run;
using Graft.Training.Weights;

namespace Graft.Training.Probe;

/// <summary>A fitted probe as a checkpoint of a run.</summary>
internal static class ProbeCheckpoint
{
    private const string TensorName = "probe";

    /// <summary>
    /// The probe of the checkpoint, or the one that <paramref name="fit"/> makes, which is then kept.
    /// </summary>
    /// <param name="checkpoints">The checkpoints of this step; null: nothing is kept.</param>
    /// <param name="fit">Fits the probe.</param>
    public static ProbeResult GetOrFit(CheckpointFolder.StepCheckpoints? checkpoints, Func<ProbeResult> fit)
    {
        if (checkpoints?.Result(Read) is ProbeResult kept)
        {
            return kept;
        }

        ProbeResult fitted = fit();
        byte[] bytes = ProbeCodec.ToBytes(fitted);
        checkpoints?.Finish(
            new ProbeSize(fitted.Layer.ClassCount, fitted.Layer.FeatureCount),
            [new(TensorName, WeightType.UInt8, [bytes.Length], bytes)]
        );
        return fitted;
    }

    private static ProbeResult Read(Checkpoint source) =>
        ProbeCodec.FromBytes(source.Tensor(TensorName, WeightType.UInt8).Bytes.ToArray())
        ?? throw new CheckpointException("it holds no probe");

    // For people who look into the file.
    private sealed record ProbeSize(int ClassCount, int FeatureCount);
}
