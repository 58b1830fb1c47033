using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>A minimum of the regression, and how it was reached.</summary>
/// <param name="Parameters">The weights [C,F] row by row, then the biases [C].</param>
/// <param name="Objective">The sum of loss and penalty, in nats.</param>
/// <param name="LossSum">Weighted sum of the log-losses, in nats.</param>
/// <param name="Iterations">Number of L-BFGS steps.</param>
/// <param name="IsConverged">False where the limit of iterations or of the precision came before the tolerance.</param>
internal sealed record LogisticSolution(
    double[] Parameters,
    double Objective,
    double LossSum,
    int Iterations,
    bool IsConverged
);

/// <summary>
/// Multinomial logistic regression: minimises the weighted sum of log-losses (nats) + |W|^2 / (2 C), scikit-learn's
/// objective, which does not penalise the biases. Uses L-BFGS with a line search that meets the strong Wolfe
/// conditions. The logits are linear in the step, so an iteration costs two products however many steps the line search
/// tries. Several problems on the same rows step together, and their products become one: five folds with 17 classes
/// make one product with 85 columns, in half the time.
/// </summary>
internal static class LogisticRegression
{
    /// <summary>Finds the minimum within <paramref name="tolerance"/>.</summary>
    /// <param name="problem">
    /// The problem. Centred rows along their principal axes converge several times faster (see PrincipalAxes).
    /// </param>
    /// <param name="inverseL2">The penalty, as scikit-learn's C: above 0; a small value is a strong penalty.</param>
    /// <param name="start">
    /// Where to start, for example the solution for a neighbouring penalty; null: zeros. It is not modified.
    /// </param>
    /// <param name="tolerance">Share of the minimum within which the estimated objective must be.</param>
    /// <param name="iterationLimit">Number of iterations after which the fit ends without convergence.</param>
    /// <param name="cancel">Checked before every iteration.</param>
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

    /// <summary>Solves several problems on the same rows together.</summary>
    /// <param name="starts">Where each problem starts.</param>
    /// <param name="workers">The threads that search along the lines.</param>
    /// <inheritdoc cref="Fit(LogisticProblem, double, double[], double, int, CancellationToken)"/>
    public static LogisticSolution[] Fit(
        IReadOnlyList<LogisticProblem> problems,
        double inverseL2,
        IReadOnlyList<double[]>? starts,
        double tolerance,
        int iterationLimit,
        WorkerThreads workers,
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
            Descend(all, rows, Open, workers, cancel);
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
    }

    // Steps of all problems that are still open, until none is.
    private static void Descend(
        LogisticDescent[] all,
        RotatedFeatures rows,
        Func<LogisticDescent[]> findOpen,
        WorkerThreads workers,
        CancellationToken cancel
    )
    {
        Together(
            all,
            (descents, products) => workers.Run(descents.Length, i => descents[i].Begin(products[i])),
            descent => descent.Weight,
            rows.Times
        );
        Together(all, Arrive, descent => descent.Residual, rows.TransposedTimes);
        for (LogisticDescent[] open = findOpen(); open.Length > 0; open = findOpen())
        {
            cancel.ThrowIfCancellationRequested();
            workers.Run(open.Length, i => open[i].Aim());
            Together(
                open,
                (descents, products) => workers.Run(descents.Length, i => descents[i].Search(products[i])),
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

        void Arrive(LogisticDescent[] descents, Tensor[] products) =>
            workers.Run(descents.Length, i => descents[i].Arrive(products[i]));
    }

    // one pass over the rows for all problems
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
