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
        Check(rows, folds);
        using DisposeScope scope = NewDisposeScope();
        using WorkerThreads workers = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, workers: workers);
        RotatedFeatures turned = axes.Coordinates;
        using CrossValidation validation = new(rows, folds, turned, SearchTolerance, SearchIterations, workers);
        PenaltyPath path = new(validation, rows.Weights, near ?? Grid(turned.MeanSquare())[0], progress, cancel);
        PenaltyScore chosen = near is null ? path.OverAll(GridSize) : path.Near();
        ClassPenalties? each = rows.Labels.AreSets
            ? ClassPenalties.Choose(path.Scores, chosen, validation, rows)
            : null;
        Penalty penalty = new(chosen.Trial.InverseL2, each?.InverseL2);
        LogisticSolution solution = FitEach(axes, rows, penalty, chosen.MeanParameters, workers, cancel);
        double[] outOfFold = each?.OutOfFoldLogits ?? validation.OutOfFold(chosen.Parameters);
        ClosedFormResult? heads = rows.TriesClosedForm
            ? ClosedFormTrial.Run(axes.Coordinates, rows, folds, outOfFold)
            : null;
        double[] parameters = heads?.Winner?.MixedWith(solution.Parameters, axes.Coordinates, rows)
            ?? solution.Parameters;
        return new(
            standardisation.Fold(axes.ToFeatures(parameters, rows.ClassCount)),
            standardisation,
            chosen.Trial.InverseL2,
            [.. path.Scores.Select(score => score.Trial)],
            heads?.OutOfFoldLogits ?? outOfFold,
            solution.Objective,
            solution.IsConverged
        )
        {
            ClassInverseL2 = each?.InverseL2,
            ClosedForm = heads?.Winner,
            Heads = heads?.Tried ?? [],
        };
    }

    /// <summary>Fits all rows with a given penalty.</summary>
    /// <param name="inverseL2">The penalty, as scikit-learn's C.</param>
    /// <param name="classInverseL2">The penalty of each class, [C]; null: one for all.</param>
    /// <param name="closedForm">The analysis that is mixed in; null: none.</param>
    public static LinearLayer FitWithPenalty(
        ProbeTrainingSet rows,
        double inverseL2,
        double[]? classInverseL2,
        ClosedForm? closedForm,
        CancellationToken cancel
    )
    {
        rows.Validate();
        using DisposeScope scope = NewDisposeScope();
        using WorkerThreads workers = new();
        Standardisation standardisation = Standardisation.Of(rows.Features);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation, workers: workers);
        Penalty penalty = new(inverseL2, classInverseL2);
        double[] parameters = FitEach(axes, rows, penalty, null, workers, cancel).Parameters;
        parameters = closedForm?.MixedWith(parameters, axes.Coordinates, rows) ?? parameters;
        return standardisation.Fold(axes.ToFeatures(parameters, rows.ClassCount));
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

    private static void Check(ProbeTrainingSet rows, int[] folds)
    {
        rows.Validate();
        if (folds.All(fold => fold == StratifiedFolds.NeverHeldOut))
        {
            throw new GraftException("a probe's penalty cannot be chosen: no class has two images; add images");
        }
    }

    private static LogisticSolution FitEach(
        PrincipalAxes axes,
        ProbeTrainingSet rows,
        Penalty penalty,
        double[]? start,
        WorkerThreads workers,
        CancellationToken cancel
    ) =>
        penalty.OfClasses is double[] own
            ? ClassPenalties.Solve(own, rows.ClassCount, one => Fit(axes, rows, one, start, workers, cancel))
            : Fit(axes, rows, penalty.ForAll, start, workers, cancel);

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
        using LogisticProblem quick = new(axes.Coordinates, rows);
        double[][]? starts = start is null ? null : [start];
        double[] near = LogisticRegression
            .Fit([quick], inverseL2, starts, QuickTolerance, FinalIterations, workers, cancel)[0]
            .Parameters;
        ProcessMemory.Return(); // what the products in single precision needed
        using RotatedFeatures exact = axes.Coordinates.InDouble;
        using LogisticProblem everything = new(exact, rows);
        return LogisticRegression.Fit(
            [everything],
            inverseL2,
            [near],
            FinalTolerance,
            FinalIterations,
            workers,
            cancel
        )[0];
    }

    // As scikit-learn's C. Each class has its own where OfClasses, [C], is there.
    private readonly record struct Penalty(double ForAll, double[]? OfClasses);
}
