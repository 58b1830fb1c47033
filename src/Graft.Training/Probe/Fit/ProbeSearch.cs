using Graft.Training.Bodies;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// Fits a probe: logistic regression on standardised features, whose penalty is chosen by cross-validation, then fitted
/// on all rows. Standardisation and axes come from all rows. They do not use labels, so a held-out row reveals nothing
/// about its class.
/// </summary>
internal static class ProbeSearch
{
    /// <summary>Relative tolerance of the search. A thousandth of the loss suffices to rank penalties.</summary>
    private const double SearchTolerance = 1e-3;
    private const double QuickTolerance = 1e-8; // in single precision, which comes no closer for sure
    private const double FinalTolerance = 1e-9; // in double, from there
    private const int SearchIterations = 200;
    private const int FinalIterations = 2000;
    private const int GridSize = 13;

    /// <param name="rows">The rows to fit.</param>
    /// <param name="folds">Fold of each row, [N], from <see cref="StratifiedFolds"/>.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1.</param>
    /// <param name="cancel">Checked before every iteration.</param>
    /// <param name="near">
    /// The penalty (scikit-learn's C, a value of the grid) that was best for nearly the same rows. The search covers it
    /// and its neighbours; null: the whole grid.
    /// </param>
    /// <exception cref="GraftException">
    /// A feature is not finite, a class has no images, or all images have the same features.
    /// </exception>
    public static ProbeResult Run(
        ProbeTrainingSet rows,
        int[] folds,
        IProgress<double>? progress,
        CancellationToken cancel,
        double? near = null
    )
    {
        rows.Validate();
        if (folds.All(fold => fold == StratifiedFolds.NeverHeldOut))
        {
            throw new GraftException("a probe's penalty cannot be chosen: no class has two images; add images");
        }

        using DisposeScope scope = NewDisposeScope();
        using WorkerThreads workers = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, workers: workers);
        using CrossValidation validation = new(
            rows,
            folds,
            axes.Coordinates,
            SearchTolerance,
            SearchIterations,
            workers
        );
        PenaltyPath path = new(
            validation,
            rows.Weights,
            near ?? Grid(axes.Coordinates.MeanSquare())[0],
            progress,
            cancel
        );
        PenaltyScore chosen = near is null ? path.OverAll(GridSize) : path.Near();
        LogisticSolution solution = Fit(axes, rows, chosen.Trial.InverseL2, chosen.MeanParameters, workers, cancel);
        LinearLayer layer = standardisation.Fold(axes.ToFeatures(solution.Parameters, rows.ClassCount));
        return new(
            layer,
            standardisation,
            chosen.Trial.InverseL2,
            [.. path.Scores.Select(score => score.Trial)],
            validation.OutOfFold(chosen.Parameters),
            solution.Objective,
            solution.IsConverged
        );
    }

    /// <summary>Fits all rows with a given penalty.</summary>
    /// <param name="inverseL2">The penalty, as scikit-learn's C.</param>
    public static LinearLayer FitWithPenalty(ProbeTrainingSet rows, double inverseL2, CancellationToken cancel)
    {
        rows.Validate();
        using DisposeScope scope = NewDisposeScope();
        using WorkerThreads workers = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, workers: workers);
        LogisticSolution solution = Fit(axes, rows, inverseL2, null, workers, cancel);
        return standardisation.Fold(axes.ToFeatures(solution.Parameters, rows.ClassCount));
    }

    /// <summary>
    /// A grid of six decades with two values each. The effect of a penalty depends on C times the mean squared length
    /// of a row, which is the variance of the logits under the prior that the penalty stands for. The grid begins near
    /// 0.1, where little more than the class frequencies is learned, and ends near 100,000, where almost nothing is
    /// penalised.
    /// </summary>
    internal static double[] Grid(double meanSquare)
    {
        double first = Math.Round(2 * Math.Log10(0.1 / meanSquare));
        return [.. Enumerable.Range(0, GridSize).Select(i => Math.Pow(10, (first + i) / 2))];
    }

    /// <summary>Finds the minimum, nine tenths of the way in single precision.</summary>
    private static LogisticSolution Fit(
        PrincipalAxes axes,
        ProbeTrainingSet rows,
        double inverseL2,
        double[]? start,
        WorkerThreads workers,
        CancellationToken cancel
    )
    {
        using LogisticProblem quick = new(axes.Coordinates, rows.Labels, rows.Weights, rows.ClassCount);
        double[][]? starts = start is null ? null : [start];
        double[] near = LogisticRegression
            .Fit([quick], inverseL2, starts, QuickTolerance, FinalIterations, workers, cancel)[0]
            .Parameters;
        ProcessMemory.Return(); // what the products in single precision needed
        using RotatedFeatures exact = axes.Coordinates.InDouble;
        using LogisticProblem everything = new(exact, rows.Labels, rows.Weights, rows.ClassCount);
        return LogisticRegression
            .Fit([everything], inverseL2, [near], FinalTolerance, FinalIterations, workers, cancel)[0];
    }
}
