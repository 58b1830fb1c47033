using Graft.Onnx;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>Feature extraction's candidate.</summary>
/// <param name="TrainingFit">Fitted on the training images alone.</param>
/// <param name="LazyFinalFit">Fitted on the validation images too, where they were drawn out of the training images; by
/// the
/// judged penalty, and when it is asked for, where it is not itself to be shipped.</param>
internal sealed record ProbeCandidate(
    ProbeResult TrainingFit,
    Lazy<ProbeResult> LazyFinalFit,
    OnnxModel Network,
    ValidationScore Score,
    float[] Logits,
    int[] Labels
) : ModelCandidate("probe", Network, Score, Logits, Labels, "the fit has converged")
{
    public ProbeResult FinalFit => LazyFinalFit.Value;
}
