using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>A minimum of the regression and how it was reached.</summary>
/// <param name="Parameters">The weight [C,F], row by row, then the bias [C].</param>
/// <param name="Objective">The loss and the penalty together, in nats.</param>
/// <param name="LossSum">The weighted sum of the log-losses, in nats.</param>
/// <param name="Iterations">Steps of L-BFGS.</param>
/// <param name="IsConverged">False: the limit of iterations or of the precision came before the tolerance.</param>
internal sealed record LogisticSolution(
    double[] Parameters,
    double Objective,
    double LossSum,
    int Iterations,
    bool IsConverged
);

/// <summary>
/// Multinomial logistic regression: minimises sum of w log-losses (nats) + |W|^2 / (2 C), scikit-learn's objective; the
/// bias is not penalised.
/// L-BFGS with a line search that meets the strong Wolfe conditions. The logits are linear in the step, so that the
/// line search multiplies no matrix:
/// an iteration costs two products whatever the steps tried. Several problems on the same rows step together, so that
/// their products become one: of five folds'
/// 17 classes each one of 85 columns, for which a processor needs half the time.
/// </summary>
internal static class LogisticRegression
{
    /// <summary>Solves to the minimum within <paramref name="tolerance"/>.</summary>
    /// <param name="problem">Rows that are centred and lie along their principal axes converge several times faster:
    /// see PrincipalAxes.</param>
    /// <param name="inverseL2">C: above 0; small is a strong penalty.</param>
    /// <param name="start">Where to start, for example the solution for a neighbouring penalty; null: zeros. It is not
    /// changed.</param>
    /// <param name="tolerance">Stops when the objective is estimated to be within this share of its minimum.</param>
    /// <param name="iterationLimit">Ends there; IsConverged is then false.</param>
    /// <param name="cancel">Looked at before every iteration.</param>
    public static LogisticSolution Fit(
        LogisticProblem problem,
        double inverseL2,
        double[]? start,
        double tolerance,
        int iterationLimit,
        CancellationToken cancel
    )
    {
        using WorkerThreads alone = new(1);
        return Fit([problem], inverseL2, start is null ? null : [start], tolerance, iterationLimit, alone, cancel)[0];
    }

    /// <summary>Solves problems of the same rows side by side.</summary>
    /// <param name="starts">One a problem.</param>
    /// <param name="crew">Who searches along the lines.</param>
    /// <inheritdoc cref="Fit(LogisticProblem, double, double[], double, int, CancellationToken)"/>
    public static LogisticSolution[] Fit(
        IReadOnlyList<LogisticProblem> problems,
        double inverseL2,
        IReadOnlyList<double[]>? starts,
        double tolerance,
        int iterationLimit,
        WorkerThreads crew,
        CancellationToken cancel
    )
    {
        RotatedFeatures rows = problems[0].Rows;
        LogisticDescent[] all =
        [
            .. problems.Select((problem, i) => new LogisticDescent(problem, inverseL2, starts?[i])),
        ];
        try
        {
            Together(
                all,
                (descents, products) => crew.Run(descents.Length, i => descents[i].Begin(products[i])),
                descent => descent.Weight,
                rows.Times
            );
            Together(all, Arrive, descent => descent.Residual, rows.TransposedTimes);
            for (LogisticDescent[] open = Open(); open.Length > 0; open = Open())
            {
                cancel.ThrowIfCancellationRequested();
                crew.Run(open.Length, i => open[i].Aim());
                Together(
                    open,
                    (descents, products) => crew.Run(descents.Length, i => descents[i].Search(products[i])),
                    descent => descent.LineWeight,
                    rows.Times
                );
                Together(
                    [.. open.Where(descent => !descent.IsStuck)],
                    Arrive,
                    descent => descent.Residual,
                    rows.TransposedTimes
                );
            }

            return
            [
                .. all.Select(descent => new LogisticSolution(
                    descent.Parameters.data<double>().ToArray(),
                    descent.Objective,
                    descent.LossSum,
                    descent.Iterations,
                    descent.IsWithin(tolerance)
                )),
            ];
        }
        finally
        {
            Array.ForEach(all, descent => descent.Dispose());
        }

        LogisticDescent[] Open() =>
            [
                .. all.Where(descent =>
                    !descent.IsStuck && descent.Iterations < iterationLimit && !descent.IsWithin(tolerance)
                ),
            ];

        void Arrive(LogisticDescent[] descents, Tensor[] products) =>
            crew.Run(descents.Length, i => descents[i].Arrive(products[i]));
    }

    // One pass over the rows for all of them.
    private static void Together(
        LogisticDescent[] descents,
        Action<LogisticDescent[], Tensor[]> use,
        Func<LogisticDescent, Tensor> factor,
        Func<IReadOnlyList<Tensor>, Tensor[]> multiply
    )
    {
        if (descents.Length > 0)
        {
            using DisposeScope scope = NewDisposeScope();
            use(descents, multiply(Array.ConvertAll(descents, descent => factor(descent))));
        }
    }
}
