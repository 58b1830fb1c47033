using Graft.Training.Bodies;

namespace Graft.Training.Probe;

/// <summary>The probe: what was tried, what was chosen, and the layer fitted on all rows.</summary>
/// <param name="Layer">Acts on raw features: the standardisation is folded in.</param>
/// <param name="Standardisation">Of all rows.</param>
/// <param name="InverseL2">The chosen C.</param>
/// <param name="Trials">By rising C.</param>
/// <param name="OutOfFoldLogits">[N,C] logits under the chosen C by models that did not see the row; NaN where it was
/// never
/// held out.</param>
/// <param name="Objective">Of the final fit, in nats.</param>
/// <param name="IsConverged">Whether the final fit reached its tolerance.</param>
internal sealed record ProbeResult(
    LinearLayer Layer,
    Standardisation Standardisation,
    double InverseL2,
    IReadOnlyList<ProbeTrial> Trials,
    double[] OutOfFoldLogits,
    double Objective,
    bool IsConverged
);
