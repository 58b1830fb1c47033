using System.Numerics.Tensors;
using Graft.Torch;
using Graft.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Graft.Training.Probe;

/// <summary>
/// Tries linear discriminant analysis, and its mean with logistic regression, beside logistic regression alone. The
/// simplest wins whose calibrated loss out of fold is within a standard error of the lowest. The analysis sees the
/// plain views alone (docs/results.md, "The closed-form head").
/// </summary>
internal sealed class ClosedFormTrial
{
    // A decomposition takes the cube of their number, and where images are many the regression lacks nothing.
    private const int MostImages = 1_000;

    private static readonly double[] s_shrinkages = [0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
    private static readonly double[] s_shares = [0, 0.5, 1];

    private readonly ProbeTrainingSet _rows;
    private readonly int[] _folds; // of the plain views
    private readonly int[] _plain;
    private readonly int[] _labels;
    private readonly int[] _scored; // numbers among the plain views

    private ClosedFormTrial(ProbeTrainingSet rows, int[] folds)
    {
        _rows = rows;
        _plain = rows.PlainRows;
        _folds = Array.ConvertAll(_plain, n => folds[n]);
        _labels = Array.ConvertAll(_plain, n => rows.Labels.Numbers[n]);
        _scored = [.. Enumerable.Range(0, _plain.Length).Where(n => _folds[n] != StratifiedFolds.NeverHeldOut)];
    }

    /// <summary>
    /// The head that wins, its logits out of fold, and what was tried; null where rows may have several classes, or it
    /// would cost too much.
    /// </summary>
    /// <param name="coordinates">The rows.</param>
    /// <param name="rows">The same rows as features.</param>
    /// <param name="folds">Fold of each row.</param>
    /// <param name="regression">Logits of the regression out of fold, [N,C].</param>
    public static ClosedFormResult? Run(
        RotatedFeatures coordinates,
        ProbeTrainingSet rows,
        int[] folds,
        double[] regression
    ) =>
        rows.Labels.AreSets || rows.PlainRows.Length > MostImages
            ? null
            : new ClosedFormTrial(rows, folds).Run(coordinates, regression);

    private ClosedFormResult Run(RotatedFeatures coordinates, double[] regression)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor plain = coordinates.Gather(_plain); // [n,r]
        double[] ofRegression = Some(regression, _plain);
        double spread = Spread(Some(ofRegression, _scored));
        (double Shrinkage, double[] Logits, double Divisor, double Loss)[] all =
        [
            .. OutOfFold(plain).Select((logits, s) => Calibrated(s_shrinkages[s], logits, spread)),
        ];
        (double shrinkage, double[] analysis, double divisor, _) = all.MinBy(one => one.Loss);
        ClosedForm?[] forms = Array.ConvertAll(s_shares, share =>
            share == 0 ? null : new ClosedForm(shrinkage, divisor, share)
        );
        double[][] mixed = Array.ConvertAll(s_shares, share =>
            share == 0
                ? ofRegression
                : ofRegression
                    .Zip(analysis, (theirs, own) => ((1 - share) * theirs) + (share * own / divisor))
                    .ToArray()
        );
        TriedHead[] tried = [.. mixed.Select((logits, i) => new TriedHead(forms[i], ScoreOf(logits)))];
        int chosen = FeatureSelection.Best([.. tried.Select(one => one.Score)]);
        double[] outOfFold = (double[])regression.Clone();
        for (int n = 0; n < _plain.Length; n++)
        {
            Row(mixed[chosen], n).CopyTo(outOfFold.AsSpan(_plain[n] * _rows.ClassCount));
        }

        return new(forms[chosen], outOfFold, tried);
    }

    // Logits [n,C] of the held-out plain views for each shrinkage; NaN for those that are never held out.
    private double[][] OutOfFold(Tensor plain)
    {
        double[][] logits = Array.ConvertAll(s_shrinkages, _ => new double[_plain.Length * _rows.ClassCount]);
        Array.ForEach(logits, some => Array.Fill(some, double.NaN));
        for (int fold = 0; fold <= _folds.Max(); fold++)
        {
            using DisposeScope scope = NewDisposeScope();
            double[] weights = [.. _plain.Select((row, n) => _folds[n] == fold ? 0 : _rows.Weights?[row] ?? 1)];
            using DiscriminantAnalysis analysis = DiscriminantAnalysis.Of(
                plain,
                _labels,
                weights,
                _rows.ClassCount,
                _rows.Features.FeatureCount
            );
            int[] held = [.. Enumerable.Range(0, _folds.Length).Where(n => _folds[n] == fold)];
            Tensor some = plain.index_select(0, tensor(Array.ConvertAll(held, n => (long)n))); // [h,r]
            for (int s = 0; s < s_shrinkages.Length; s++)
            {
                double[] found = LogitsOf(some, analysis.Parameters(s_shrinkages[s]));
                for (int i = 0; i < held.Length; i++)
                {
                    Row(found, i).CopyTo(logits[s].AsSpan(held[i] * _rows.ClassCount));
                }
            }
        }

        return logits;
    }

    private double[] LogitsOf(Tensor rows, double[] parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        int classCount = _rows.ClassCount;
        Tensor weight = AlignedTensor.Of(parameters[..^classCount], [classCount, rows.shape[1]]); // [C,r]
        Tensor bias = AlignedTensor.Of(parameters[^classCount..]); // [C]
        return rows.mm(weight.t()).add_(bias, SafeScalar.One).data<double>().ToArray();
    }

    // A temperature lies between 0.1 and 10, and these logits are a thousand times too large: first they get the spread
    // of the regression's.
    private (double Shrinkage, double[] Logits, double Divisor, double Loss) Calibrated(
        double shrinkage,
        double[] logits,
        double spread
    )
    {
        double[] some = Some(logits, _scored);
        double factor = Math.Max(Spread(some), double.Epsilon) / Math.Max(spread, 1e-6);
        Temperature own = Temperature.Fit(
            Array.ConvertAll(some, logit => logit / factor),
            ScoredLabels,
            _rows.ClassCount
        );
        return (shrinkage, logits, factor * own.Value, own.LossAfter);
    }

    private OutOfFoldScore ScoreOf(double[] logits)
    {
        double[] some = Some(logits, _scored);
        double own = Temperature.Fit(some, ScoredLabels, _rows.ClassCount).Value;
        return OutOfFoldScore.Of(Array.ConvertAll(some, logit => logit / own), ScoredLabels, views: 1);
    }

    private int[] ScoredLabels => Array.ConvertAll(_scored, n => _labels[n]);

    private double[] Some(double[] logits, int[] rows) => [.. rows.SelectMany(n => Row(logits, n).ToArray())];

    private Span<double> Row(double[] logits, int row) => logits.AsSpan(row * _rows.ClassCount, _rows.ClassCount);

    // Root mean square of the logits around their mean in each row.
    private double Spread(double[] logits)
    {
        double squares = 0;
        for (int n = 0; n < logits.Length / _rows.ClassCount; n++)
        {
            ReadOnlySpan<double> row = Row(logits, n);
            double mean = TensorPrimitives.Sum(row) / row.Length;
            foreach (double logit in row)
            {
                squares += (logit - mean) * (logit - mean);
            }
        }

        return Math.Sqrt(squares / logits.Length);
    }
}
