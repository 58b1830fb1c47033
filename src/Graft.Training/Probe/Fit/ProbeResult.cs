using Graft.Training.Bodies;

namespace Graft.Training.Probe;

/// <summary>A fitted probe: the penalties that were tried, the chosen one, and the layer fitted on all rows.</summary>
/// <param name="Layer">The layer for raw features; the standardisation is folded into it.</param>
/// <param name="Standardisation">Mean and scale of all rows.</param>
/// <param name="InverseL2">The chosen penalty, as scikit-learn's C.</param>
/// <param name="Trials">The tried penalties by rising C.</param>
/// <param name="OutOfFoldLogits">
/// Logits [N,C] under the chosen C by models that did not see the row; NaN where it was never held out.
/// </param>
/// <param name="Objective">Objective of the final fit, in nats.</param>
/// <param name="IsConverged">True where the final fit reached its tolerance.</param>
internal sealed record ProbeResult(
    LinearLayer Layer,
    Standardisation Standardisation,
    double InverseL2,
    IReadOnlyList<ProbeTrial> Trials,
    double[] OutOfFoldLogits,
    double Objective,
    bool IsConverged
)
{
    /// <summary>
    /// A penalty for each class, [C], where images may have several and that is clearly better; null: one for all.
    /// </summary>
    public double[]? ClassInverseL2 { get; init; }

    /// <summary>The part of a linear discriminant analysis; null: it is logistic regression alone.</summary>
    public ClosedForm? ClosedForm { get; init; }

    /// <summary>The linear heads that were tried, the simplest first; empty where nothing was.</summary>
    public IReadOnlyList<TriedHead> Heads { get; init; } = [];
}
