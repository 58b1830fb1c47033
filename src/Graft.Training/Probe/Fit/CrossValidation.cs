using Graft.Torch;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Graft.Training.Probe;

/// <summary>
/// Fits a penalty on the training part of each fold, all folds together. A held-out row has weight 0, so no fold needs
/// a copy of the rows.
/// </summary>
internal sealed class CrossValidation : IDisposable
{
    // 8 MB, and a step has a dozen such tensors. With more logits, fewer folds step together.
    private const long MostLogits = 1_000_000;

    private readonly ProbeTrainingSet _rows;
    private readonly int[] _folds;
    private readonly RotatedFeatures _coordinates;
    private readonly WorkerThreads _workers;
    private readonly double _tolerance;
    private readonly int _iterationLimit;
    private readonly LogisticProblem[] _problems; // one a fold

    public CrossValidation(
        ProbeTrainingSet rows,
        int[] folds,
        RotatedFeatures coordinates,
        double tolerance,
        int iterationLimit,
        WorkerThreads workers
    )
    {
        (_rows, _folds, _coordinates, _tolerance, _iterationLimit, _workers) = (
            rows,
            folds,
            coordinates,
            tolerance,
            iterationLimit,
            workers
        );
        _problems =
        [
            .. Enumerable
                .Range(0, folds.Max() + 1)
                .Select(fold => new LogisticProblem(
                    coordinates,
                    rows.Labels,
                    [.. folds.Select((f, n) => f == fold ? 0 : rows.Weights?[n] ?? 1)],
                    rows.ClassCount,
                    rows.PositiveWeights
                )),
        ];
    }

    /// <summary>
    /// The score of a penalty. <paramref name="starts"/> are the folds' solutions for a neighbouring penalty; null:
    /// zeros.
    /// </summary>
    public PenaltyScore Score(double inverseL2, double[][]? starts, CancellationToken cancel)
    {
        int together = (int)Math.Clamp(MostLogits / ((long)_rows.Labels.Count * _rows.ClassCount), 1, _problems.Length);
        LogisticSolution[] solutions =
        [
            .. Enumerable
                .Range(0, _problems.Length)
                .Chunk(together)
                .SelectMany(folds =>
                    LogisticRegression.Fit(
                        Array.ConvertAll(folds, fold => _problems[fold]),
                        inverseL2,
                        starts is null ? null : Array.ConvertAll(folds, fold => starts[fold]),
                        _tolerance,
                        _iterationLimit,
                        _workers,
                        cancel
                    )
                ),
        ];
        double[][] parameters = Array.ConvertAll(solutions, solution => solution.Parameters);
        return Score(inverseL2, solutions.Sum(solution => solution.Iterations), parameters, OutOfFold(parameters));
    }

    /// <summary>Logits of the held-out rows, [N,C]; NaN elsewhere.</summary>
    /// <param name="parameters">The solution of each fold.</param>
    public double[] OutOfFold(double[][] parameters)
    {
        int classCount = _rows.ClassCount;
        double[] logits = new double[_rows.Labels.Count * classCount];
        Array.Fill(logits, double.NaN);
        for (int fold = 0; fold < parameters.Length; fold++)
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            Tensor solution = AlignedTensor.Of(parameters[fold]);
            double[] all = _problems[fold].Logits(solution).data<double>().ToArray(); // [C,N]
            for (int n = 0; n < _folds.Length; n++)
            {
                for (int c = 0; c < classCount && _folds[n] == fold; c++)
                {
                    logits[(n * classCount) + c] = all[(c * _folds.Length) + n];
                }
            }
        }

        return logits;
    }

    public void Dispose() => Array.ForEach(_problems, problem => problem.Dispose());

    /// <summary>Weighted means over the held-out rows that count, with their standard errors.</summary>
    private PenaltyScore Score(double inverseL2, int iterations, double[][] solutions, double[] logits)
    {
        double[] losses = new double[_rows.Labels.Count];
        WeightedMean loss = new();
        WeightedMean accuracy = new();
        for (int n = 0; n < losses.Length; n++)
        {
            if (_folds[n] == StratifiedFolds.NeverHeldOut || _rows.IsScored?[n] == false)
            {
                losses[n] = double.NaN;
                continue;
            }

            ReadOnlySpan<double> row = logits.AsSpan(n * _rows.ClassCount, _rows.ClassCount);
            double weight = _rows.Weights?[n] ?? 1;
            losses[n] = _rows.LossOf(n, row);
            loss.Add(losses[n], weight);
            accuracy.Add(_rows.RightShareOf(n, row), weight);
        }

        ProbeTrial trial = new(
            inverseL2,
            loss.Mean,
            loss.StandardError,
            accuracy.Mean,
            accuracy.StandardError,
            iterations
        );
        return new(trial, solutions, losses);
    }
}
