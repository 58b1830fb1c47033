namespace Graft.Training.Probe;

/// <summary>The score of one penalty on the held-out rows of all folds.</summary>
/// <param name="InverseL2">The penalty, as scikit-learn's C.</param>
/// <param name="MeanLossNats">Mean log-loss, in nats.</param>
/// <param name="LossStandardError">Standard error of the mean loss, in nats.</param>
/// <param name="Accuracy">
/// Share of correct answers, 0..1; of right decisions over images and classes where images may have several.
/// </param>
/// <param name="AccuracyStandardError">Standard error of the accuracy.</param>
/// <param name="Iterations">Number of L-BFGS steps over all folds.</param>
internal sealed record ProbeTrial(
    double InverseL2,
    double MeanLossNats,
    double LossStandardError,
    double Accuracy,
    double AccuracyStandardError,
    int Iterations
);
