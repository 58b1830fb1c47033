using Graft.Training.Bodies;
using Graft.Training.Run;
using Graft.Training.Weights;

namespace Graft.Training.Probe;

/// <summary>A probe's fit as a checkpoint: every number to the bit.</summary>
internal sealed record ProbeCheckpoint(
    int ClassCount,
    int FeatureCount,
    double InverseL2,
    List<ProbeTrial> Trials,
    double Objective,
    bool IsConverged
)
{
    private const string Weight = "weight";
    private const string Bias = "bias";
    private const string Mean = "mean";
    private const string Scale = "scale";
    private const string OutOfFold = "outOfFold";

    /// <summary>The kept fit, or that which <paramref name="fit"/> makes, which is then kept.</summary>
    public static ProbeResult Or(CheckpointFolder.StepCheckpoints? checkpoints, Func<ProbeResult> fit)
    {
        if (checkpoints?.Result(Read) is ProbeResult kept)
        {
            return kept;
        }

        ProbeResult made = fit();
        checkpoints?.Finish(
            new ProbeCheckpoint(
                made.Layer.ClassCount,
                made.Layer.FeatureCount,
                made.InverseL2,
                [.. made.Trials],
                made.Objective,
                made.IsConverged
            ),
            [
                TensorWeights.Of(Weight, made.Layer.Weight),
                TensorWeights.Of(Bias, made.Layer.Bias),
                TensorWeights.Of(Mean, made.Standardisation.Mean),
                TensorWeights.Of(Scale, made.Standardisation.Scale),
                TensorWeights.Of(OutOfFold, made.OutOfFold),
            ]
        );
        return made;
    }

    private static ProbeResult Read(Checkpoint source)
    {
        ProbeCheckpoint kept = source.StateAs<ProbeCheckpoint>();
        if (kept.ClassCount < 2 || kept.FeatureCount < 1)
        {
            throw new CheckpointException("it holds no probe");
        }

        return new(
            new LinearLayer(
                kept.ClassCount,
                kept.FeatureCount,
                Values(Weight, (long)kept.ClassCount * kept.FeatureCount),
                Values(Bias, kept.ClassCount)
            ),
            new Standardisation(Values(Mean, kept.FeatureCount), Values(Scale, kept.FeatureCount)),
            kept.InverseL2,
            kept.Trials,
            Values(OutOfFold, null),
            kept.Objective,
            kept.IsConverged
        );

        double[] Values(string name, long? count)
        {
            WeightTensor tensor = source.Tensor(name, WeightType.Float64);
            return count is null || tensor.Count == count
                ? tensor.Doubles()
                : throw new CheckpointException($"its tensor '{name}' has {tensor.Count} values instead of {count}");
        }
    }
}
