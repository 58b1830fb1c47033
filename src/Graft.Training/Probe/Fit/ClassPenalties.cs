using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>
/// A penalty for each class where rows may have several: the regressions of the classes are independent, so each may
/// have its own. Taken only where it is clearly better than one penalty for all.
/// </summary>
/// <param name="InverseL2">The penalty of each class, [C], as scikit-learn's C.</param>
/// <param name="OutOfFoldLogits">Logits [N,C] of the held-out rows; NaN elsewhere.</param>
internal sealed record ClassPenalties(double[] InverseL2, double[] OutOfFoldLogits)
{
    /// <summary>
    /// The penalties, chosen out of those that were tried; null where one for all is practically as good.
    /// </summary>
    /// <param name="tried">Scores by rising C.</param>
    /// <param name="forAll">The best one for all classes.</param>
    /// <param name="validation">The folds.</param>
    /// <param name="rows">The rows.</param>
    public static ClassPenalties? Choose(
        IReadOnlyList<PenaltyScore> tried,
        PenaltyScore forAll,
        CrossValidation validation,
        ProbeTrainingSet rows
    )
    {
        int classCount = rows.ClassCount;
        double[][] logits = [.. tried.Select(score => validation.OutOfFold(score.Parameters))];
        double[] penalties = new double[classCount];
        double[] own = new double[logits[0].Length];
        for (int c = 0; c < classCount; c++)
        {
            PenaltyScore[] scores =
            [
                .. tried.Select((score, i) => OfClass(score, LossesOf(logits[i], forAll.Losses, rows, c))),
            ];
            int chosen = Array.IndexOf(scores, PenaltySelection.Best(scores, null));
            penalties[c] = tried[chosen].Trial.InverseL2;
            for (int n = 0; n < rows.Labels.Count; n++)
            {
                own[(n * classCount) + c] = logits[chosen][(n * classCount) + c];
            }
        }

        double[] losses =
        [
            .. forAll.Losses.Select(
                (loss, n) => double.IsNaN(loss) ? loss : rows.LossOf(n, own.AsSpan(n * classCount, classCount))
            ),
        ];
        return PenaltySelection.IsTied(forAll.Losses, losses, null) ? null : new(penalties, own);
    }

    /// <summary>Takes each class out of the solution with its penalty.</summary>
    /// <param name="classCount">Number of classes, C.</param>
    /// <param name="solve">The solution of all classes with a penalty: weights [C,F], then biases [C].</param>
    /// <param name="penalties">The penalty of each class, [C].</param>
    public static LogisticSolution Solve(double[] penalties, int classCount, Func<double, LogisticSolution> solve)
    {
        Dictionary<double, LogisticSolution> solutions = penalties.Distinct().ToDictionary(one => one, solve);
        LogisticSolution first = solutions[penalties[0]];
        double[] parameters = new double[first.Parameters.Length];
        int width = (parameters.Length / classCount) - 1;
        for (int c = 0; c < classCount; c++)
        {
            double[] own = solutions[penalties[c]].Parameters;
            own.AsSpan(c * width, width).CopyTo(parameters.AsSpan(c * width));
            parameters[(classCount * width) + c] = own[(classCount * width) + c];
        }

        return first with
        {
            Parameters = parameters,
            Objective = solutions.Values.Max(solution => solution.Objective),
            Iterations = solutions.Values.Sum(solution => solution.Iterations),
            IsConverged = solutions.Values.All(solution => solution.IsConverged),
        };
    }

    private static PenaltyScore OfClass(PenaltyScore score, double[] losses) =>
        new(
            score.Trial with
            {
                MeanLossNats = losses.Where(loss => !double.IsNaN(loss)).DefaultIfEmpty().Average(),
            },
            [],
            losses
        );

    // NaN where the row does not count
    private static double[] LossesOf(double[] logits, double[] counted, ProbeTrainingSet rows, int c) =>
        [
            .. counted.Select(
                (loss, n) =>
                {
                    bool has = rows.Labels.Has(n, c);
                    double weight = has ? rows.PositiveWeights?[c] ?? 1 : 1;
                    return double.IsNaN(loss) ? loss : weight * Sigmoid.Loss(logits[(n * rows.ClassCount) + c], has);
                }
            ),
        ];
}
