namespace Graft.Training.Probe;

/// <summary>One penalty's score on the images held out, over all folds.</summary>
/// <param name="InverseL2">scikit-learn's C.</param>
/// <param name="MeanLossNats">Mean log-loss.</param>
/// <param name="LossStandardError">Of that mean.</param>
/// <param name="Accuracy">0 to 1.</param>
/// <param name="AccuracyStandardError">Of the accuracy.</param>
/// <param name="Iterations">Steps of L-BFGS, over all folds.</param>
internal sealed record ProbeTrial(
    double InverseL2,
    double MeanLossNats,
    double LossStandardError,
    double Accuracy,
    double AccuracyStandardError,
    int Iterations
);
