using System.Numerics.Tensors;
using Tensor = TorchSharp.torch.Tensor;

namespace Graft.Training.Heads;

/// <summary>What cross-validation keeps of one penalty.</summary>
/// <param name="Trial">Its row in the table.</param>
/// <param name="Parameters">Each fold's solution: where the next penalty starts.</param>
/// <param name="OutOfFold">[N,C] logits of the rows held out; NaN elsewhere.</param>
/// <param name="Losses">[N] in nats; NaN for rows that were not held out or do not count.</param>
internal sealed record PenaltyScore(ProbeTrial Trial, double[][] Parameters, double[] OutOfFold, double[] Losses)
{
    /// <summary>The mean of the folds' solutions: close to the solution on all rows.</summary>
    public double[] MeanParameters
    {
        get
        {
            double[] mean = new double[Parameters[0].Length];
            foreach (double[] parameters in Parameters)
            {
                TensorPrimitives.MultiplyAdd<double>(parameters, 1.0 / Parameters.Length, mean, mean);
            }

            return mean;
        }
    }
}

/// <summary>Fits one penalty after the other on each fold's training part, from strong to weak, each from the last one's solution.</summary>
internal sealed class CrossValidation(ProbeRows rows, int[] folds, Tensor coordinates, double tolerance, int iterationLimit)
{
    private readonly int _foldCount = folds.Max() + 1;

    /// <summary>The scores of rising <paramref name="inverseL2"/>; <paramref name="starts"/> are the folds' solutions for a neighbouring penalty, null: zeros.</summary>
    public List<PenaltyScore> Path(double[] inverseL2, double[][]? starts, IProgress<double>? progress, CancellationToken cancel)
    {
        double[][][] solutions = [.. inverseL2.Select(_ => new double[_foldCount][])];
        int[] iterations = new int[inverseL2.Length];
        double[][] logits = [.. inverseL2.Select(_ => NoLogits())];
        int done = 0;
        FoldThreads.Run(_foldCount, coordinates.numel(), fold =>
        {
            using FoldProblem problem = new(rows, coordinates, folds, fold);
            double[]? start = starts?[fold];
            for (int i = 0; i < inverseL2.Length; i++)
            {
                LogisticSolution solution = LogisticRegression.Fit(problem.Training, inverseL2[i], start, tolerance, iterationLimit, cancel);
                start = solutions[i][fold] = solution.Parameters;
                Interlocked.Add(ref iterations[i], solution.Iterations);
                problem.HeldOutLogits(solution.Parameters, logits[i]);          // each fold writes its own rows
                progress?.Report((double)Interlocked.Increment(ref done) / (_foldCount * inverseL2.Length));
            }
        });

        return [.. inverseL2.Select((c, i) => Score(c, iterations[i], solutions[i], logits[i]))];
    }

    private double[] NoLogits()
    {
        double[] logits = new double[rows.Labels.Length * rows.ClassCount];
        Array.Fill(logits, double.NaN);
        return logits;
    }

    /// <summary>Weighted means over the rows that were held out and count, with the standard errors of those means.</summary>
    private PenaltyScore Score(double inverseL2, int iterations, double[][] solutions, double[] logits)
    {
        double[] losses = new double[rows.Labels.Length];
        WeightedMean loss = new();
        WeightedMean accuracy = new();
        for (int n = 0; n < rows.Labels.Length; n++)
        {
            if (folds[n] == StratifiedFolds.Never || rows.IsScored?[n] == false)
            {
                losses[n] = double.NaN;
                continue;
            }

            ReadOnlySpan<double> row = logits.AsSpan(n * rows.ClassCount, rows.ClassCount);
            double weight = rows.Weights?[n] ?? 1;
            losses[n] = LogSumExp(row) - row[rows.Labels[n]];
            loss.Add(losses[n], weight);
            accuracy.Add(ProbabilityRows.IndexOfLargest(row) == rows.Labels[n] ? 1 : 0, weight);
        }

        ProbeTrial trial = new(inverseL2, loss.Mean, loss.StandardError, accuracy.Mean, accuracy.StandardError, iterations);
        return new(trial, solutions, logits, losses);
    }

    /// <summary>The logarithm of the sum of the exponentials; from it a logit is taken for the log-loss.</summary>
    internal static double LogSumExp(ReadOnlySpan<double> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (double logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return largest + Math.Log(sum);
    }
}
