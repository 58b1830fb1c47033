namespace Graft.Training.Heads;

/// <summary>A minimum of the regression and how it was reached.</summary>
/// <param name="Parameters">The weight [C,F], row by row, then the bias [C].</param>
/// <param name="Objective">The loss and the penalty together, in nats.</param>
/// <param name="LossSum">The weighted sum of the log-losses, in nats.</param>
/// <param name="Iterations">Steps of L-BFGS.</param>
/// <param name="IsConverged">False: the limit of iterations or of the precision came before the tolerance.</param>
internal sealed record LogisticSolution(double[] Parameters, double Objective, double LossSum, int Iterations, bool IsConverged);

/// <summary>
/// Multinomial logistic regression: minimises sum of w log-losses (nats) + |W|^2 / (2 C), scikit-learn's objective; the bias is not penalised.
/// L-BFGS with a line search that meets the strong Wolfe conditions. The logits are linear in the step, so that the line search multiplies no matrix:
/// an iteration costs two products whatever the steps tried.
/// </summary>
internal static class LogisticRegression
{
    private const int Memory = 10;

    /// <summary>Solves to the minimum within <paramref name="tolerance"/>.</summary>
    /// <param name="problem">Rows that are centred and lie along their principal axes converge several times faster: see PrincipalAxes.</param>
    /// <param name="inverseL2">C: above 0; small is a strong penalty.</param>
    /// <param name="start">Where to start, for example the solution for a neighbouring penalty; null: zeros. It is not changed.</param>
    /// <param name="tolerance">Stops when the objective is estimated to be within this share of its minimum.</param>
    /// <param name="iterationLimit">Ends there; IsConverged is then false.</param>
    /// <param name="cancel">Looked at before every iteration.</param>
    public static LogisticSolution Fit(
        LogisticProblem problem, double inverseL2, double[]? start, double tolerance, int iterationLimit, CancellationToken cancel)
    {
        using LogisticDescent descent = new(problem, inverseL2, start);
        using Curvature curvature = new(Memory);
        int iteration = 0;
        bool isConverged = descent.RemainingDecrease() <= tolerance * descent.Objective;
        while (!isConverged && iteration < iterationLimit)
        {
            cancel.ThrowIfCancellationRequested();
            if (!descent.Step(curvature))
            {
                break;                                          // no step lowers the objective: the end of the precision
            }

            iteration++;
            isConverged = descent.RemainingDecrease() <= tolerance * descent.Objective;
        }

        return new(descent.Parameters.data<double>().ToArray(), descent.Objective, descent.LossSum, iteration, isConverged);
    }
}
