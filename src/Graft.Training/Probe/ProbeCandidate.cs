using Graft.Onnx;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>The linear probe as a candidate.</summary>
/// <param name="TrainingFit">The fit on the training images only, which is compared with other candidates.</param>
/// <param name="LazyFinalFit">
/// The fit for shipping. It includes the validation images where these were drawn from the training images. A probe
/// that is not shipped is fitted on demand, with the same penalty.
/// </param>
internal sealed record ProbeCandidate(
    ProbeResult TrainingFit,
    Lazy<ProbeResult> LazyFinalFit,
    OnnxModel Network,
    ValidationScore Score,
    float[] Logits,
    TrueLabels Labels
) : ModelCandidate("probe", Network, Score, Logits, Labels, "the fit has converged")
{
    public ProbeResult FinalFit => LazyFinalFit.Value;
}
