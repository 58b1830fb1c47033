using TorchSharp;
using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>
/// The probe: logistic regression on standardised features whose penalty is chosen by cross-validation, then fitted on everything.
/// The standardisation and the axes come from all rows; they know no labels, so that a held-out row tells nothing of its class.
/// </summary>
internal static class ProbeSearch
{
    /// <summary>Enough to rank penalties: the loss is known to a thousandth.</summary>
    private const double SearchTolerance = 1e-3;
    private const double FinalTolerance = 1e-9;
    private const int SearchIterations = 200;
    private const int FinalIterations = 2000;
    private const long SmallRows = 4_000_000;       // below it a product takes a few milliseconds
    private const int GridSize = 13;
    private static readonly double Step = Math.Sqrt(10);
    private const int ExtensionLimit = 4;           // more values at an edge: two decades

    /// <param name="rows">What to fit.</param>
    /// <param name="folds">[N] from <see cref="StratifiedFolds"/>.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancel">Looked at before every iteration.</param>
    /// <param name="near">The penalty (as scikit-learn's C, a value of the grid) that nearly the same rows took: the search begins there and at its neighbours; null: the whole grid.</param>
    /// <exception cref="GraftException">A feature that is not finite, a class without images, images that cannot be told apart.</exception>
    public static ProbeResult Run(ProbeRows rows, int[] folds, IProgress<double>? progress, CancellationToken cancel, double? near = null)
    {
        rows.Check();
        if (folds.All(fold => fold == StratifiedFolds.Never))
        {
            throw new GraftException("a probe's penalty cannot be chosen: no class has two images; add images");
        }

        using DisposeScope scope = NewDisposeScope();
        Standardisation standardisation = Standardisation.Of(rows.Features, rows.FeatureCount);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation);
        CrossValidation validation = new(rows, folds, axes.Coordinates.to(ScalarType.Float32), SearchTolerance, SearchIterations);

        List<PenaltyScore> scores = validation.Path(near is double known ? [known / Step, known, known * Step] : Grid(axes.Coordinates), null, progress, cancel);
        PenaltyScore chosen = Extend(validation, scores, rows.Weights, cancel);
        using ThreadLimit threads = new(axes.Coordinates.numel() <= SmallRows ? 1 : int.MaxValue);
        using LogisticProblem everything = new(axes.Coordinates.alias(), rows.Labels, rows.Weights, rows.ClassCount);
        LogisticSolution solution = LogisticRegression.Fit(
            everything, chosen.Trial.InverseL2, chosen.MeanParameters, FinalTolerance, FinalIterations, cancel);
        LinearLayer layer = standardisation.Fold(axes.ToFeatures(solution.Parameters, rows.ClassCount));
        return new(layer, standardisation, chosen.Trial.InverseL2, [.. scores.Select(score => score.Trial)], chosen.OutOfFold, solution.Objective, solution.IsConverged);
    }

    /// <summary>The fit on all rows under a penalty that is known.</summary>
    /// <param name="inverseL2">scikit-learn's C.</param>
    public static LinearLayer FitAt(ProbeRows rows, double inverseL2, CancellationToken cancel)
    {
        rows.Check();
        using DisposeScope scope = NewDisposeScope();
        Standardisation standardisation = Standardisation.Of(rows.Features, rows.FeatureCount);
        using PrincipalAxes axes = PrincipalAxes.Of(rows.Features, standardisation);
        using ThreadLimit threads = new(axes.Coordinates.numel() <= SmallRows ? 1 : int.MaxValue);
        using LogisticProblem everything = new(axes.Coordinates.alias(), rows.Labels, rows.Weights, rows.ClassCount);
        LogisticSolution solution = LogisticRegression.Fit(everything, inverseL2, null, FinalTolerance, FinalIterations, cancel);
        return standardisation.Fold(axes.ToFeatures(solution.Parameters, rows.ClassCount));
    }

    /// <summary>
    /// Six decades, two values a decade. What matters is C times the mean squared length of a row (the logits' variance under the prior that the penalty stands for):
    /// it starts near 0.1, where almost nothing but the class frequencies is learned, and ends near 100,000, where almost nothing is penalised.
    /// </summary>
    internal static double[] Grid(Tensor coordinates)
    {
        double meanSquare = coordinates.Squared().sum([1L]).mean().Value();
        double first = Math.Round(2 * Math.Log10(0.1 / meanSquare));
        return [.. Enumerable.Range(0, GridSize).Select(i => Math.Pow(10, (first + i) / 2))];
    }

    /// <summary>The best penalty; while it is the first or last tried, the path goes on beyond it.</summary>
    private static PenaltyScore Extend(CrossValidation validation, List<PenaltyScore> scores, double[]? weights, CancellationToken cancel)
    {
        for (int i = 0; ; i++)
        {
            PenaltyScore best = ProbeChoice.Best(scores, weights);
            if (i == ExtensionLimit || (best != scores[0] && best != scores[^1]))
            {
                return best;
            }

            bool isFirst = best == scores[0];
            double next = best.Trial.InverseL2 * (isFirst ? 1 / Step : Step);
            scores.Insert(isFirst ? 0 : scores.Count, validation.Path([next], best.Parameters, null, cancel)[0]);
        }
    }
}
