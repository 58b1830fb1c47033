using Graft.Training.Bodies;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The probe: logistic regression on standardised features whose penalty is chosen by cross-validation, then fitted on
/// everything.
/// The standardisation and the axes come from all rows; they know no labels, so that a held-out row tells nothing of
/// its class.
/// </summary>
internal static class ProbeSearch
{
    /// <summary>Enough to rank penalties: the loss is known to a thousandth.</summary>
    private const double SearchTolerance = 1e-3;
    private const double QuickTolerance = 1e-8; // in single precision, which comes no closer for sure
    private const double FinalTolerance = 1e-9; // in double, from there
    private const int SearchIterations = 200;
    private const int FinalIterations = 2000;
    private const int GridSize = 13;

    /// <param name="rows">What to fit.</param>
    /// <param name="folds">[N] from <see cref="StratifiedFolds"/>.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancel">Looked at before every iteration.</param>
    /// <param name="near">The penalty (as scikit-learn's C, a value of the grid) that nearly the same rows took: the
    /// search begins there and at its neighbours; null: the whole grid.</param>
    /// <exception cref="GraftException">A feature that is not finite, a class without images, images that cannot be
    /// told apart.</exception>
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
        using WorkerThreads crew = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, crew: crew);
        using CrossValidation validation = new(rows, folds, axes.Coordinates, SearchTolerance, SearchIterations, crew);
        PenaltyPath path = new(
            validation,
            rows.Weights,
            near ?? Grid(axes.Coordinates.MeanSquare())[0],
            progress,
            cancel
        );
        PenaltyScore chosen = near is null ? path.OverAll(GridSize) : path.Near();
        LogisticSolution solution = Fit(axes, rows, chosen.Trial.InverseL2, chosen.MeanParameters, crew, cancel);
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

    /// <summary>The fit on all rows under a penalty that is known.</summary>
    /// <param name="inverseL2">scikit-learn's C.</param>
    public static LinearLayer FitWithPenalty(ProbeTrainingSet rows, double inverseL2, CancellationToken cancel)
    {
        rows.Validate();
        using DisposeScope scope = NewDisposeScope();
        using WorkerThreads crew = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, crew: crew);
        LogisticSolution solution = Fit(axes, rows, inverseL2, null, crew, cancel);
        return standardisation.Fold(axes.ToFeatures(solution.Parameters, rows.ClassCount));
    }

    /// <summary>
    /// Six decades, two values a decade. What matters is C times the mean squared length of a row (the logits' variance
    /// under the prior that the penalty stands for):
    /// it starts near 0.1, where almost nothing but the class frequencies is learned, and ends near 100,000, where
    /// almost nothing is penalised.
    /// </summary>
    internal static double[] Grid(double meanSquare)
    {
        double first = Math.Round(2 * Math.Log10(0.1 / meanSquare));
        return [.. Enumerable.Range(0, GridSize).Select(i => Math.Pow(10, (first + i) / 2))];
    }

    /// <summary>The minimum, nine tenths of the way in single precision.</summary>
    private static LogisticSolution Fit(
        PrincipalAxes axes,
        ProbeTrainingSet rows,
        double inverseL2,
        double[]? start,
        WorkerThreads crew,
        CancellationToken cancel
    )
    {
        using LogisticProblem quick = new(axes.Coordinates, rows.Labels, rows.Weights, rows.ClassCount);
        double[] near = LogisticRegression
            .Fit([quick], inverseL2, start is null ? null : [start], QuickTolerance, FinalIterations, crew, cancel)[0]
            .Parameters;
        ProcessMemory.Return(); // what the products in single precision needed
        using RotatedFeatures exact = axes.Coordinates.InDouble;
        using LogisticProblem everything = new(exact, rows.Labels, rows.Weights, rows.ClassCount);
        return LogisticRegression.Fit([everything], inverseL2, [near], FinalTolerance, FinalIterations, crew, cancel)[
            0
        ];
    }
}
