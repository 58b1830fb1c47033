using Graft.Training.Metrics;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The rows, labels and weights of one logistic regression, multinomial or of one class against the rest for all
/// classes together, its loss and its gradient. The parameters are one vector: the weights [C,F] row by row, then the
/// biases [C]. Products have the precision of the rows; everything else is double. The same rows give the same bits.
/// libtorch does all work, even where .NET's vector code could, because a probe takes a second, most of which that code
/// would wait for the JIT (measured: 1.7 s for the first search in a process, 0.6 s for the second).
/// </summary>
internal sealed class LogisticProblem : IDisposable
{
    private readonly bool _ownsRows;
    private readonly LogisticLoss _loss;

    /// <param name="rows">Rows [N,F], float32 or float64. The problem owns them from now on.</param>
    /// <inheritdoc cref="LogisticProblem(RotatedFeatures, TrueLabels, double[], int, double[])"/>
    public LogisticProblem(Tensor rows, TrueLabels labels, double[]? weights, int classCount)
        : this(RotatedFeatures.Of(rows), labels, weights, classCount) => _ownsRows = true;

    /// <summary>A problem of all rows of a set.</summary>
    public LogisticProblem(RotatedFeatures rows, ProbeTrainingSet set)
        : this(rows, set.Labels, set.Weights, set.ClassCount, set.PositiveWeights) { }

    /// <param name="labels">Class numbers, 0 to <paramref name="classCount"/> - 1, or the classes of each row.</param>
    /// <param name="weights">Factor of each row's loss, [N], 0 or more; 0 for a held-out row. Null: all are 1.</param>
    /// <param name="classCount">Number of classes, 2 or more.</param>
    /// <param name="positiveWeights">
    /// Factor of the loss of each class's positives, [C], where a row has any number of classes. Null: all are 1.
    /// </param>
    public LogisticProblem(
        RotatedFeatures rows,
        TrueLabels labels,
        double[]? weights,
        int classCount,
        double[]? positiveWeights = null
    )
    {
        using DisposeScope scope = NewDisposeScope();
        Rows = rows;
        ClassCount = classCount;
        _loss = LogisticLoss.Of(labels, weights, positiveWeights);
        ColumnSquares = rows.ColumnSquares([_loss.RowWeights])[0].DetachFromDisposeScope();
    }

    public RotatedFeatures Rows { get; }

    public long FeatureCount => Rows.FeatureCount;

    public int ClassCount { get; }

    public double WeightSum => _loss.WeightSum;

    /// <summary>
    /// Weighted sum of squares of each column, [F] float64. Times p (1 - p), it is the curvature along the column's
    /// weights.
    /// </summary>
    public Tensor ColumnSquares { get; }

    /// <summary>The part of <paramref name="parameters"/> that is penalised, as a view [C F].</summary>
    public Tensor Weight(Tensor parameters) => parameters.narrow(0, 0, ClassCount * FeatureCount);

    /// <summary>The part of <paramref name="parameters"/> that is penalised, as a matrix [C,F].</summary>
    public Tensor Matrix(Tensor parameters) => Weight(parameters).view(ClassCount, FeatureCount);

    /// <summary>The part of <paramref name="parameters"/> that is not penalised, [C].</summary>
    public Tensor Bias(Tensor parameters) => parameters.narrow(0, ClassCount * FeatureCount, ClassCount);

    /// <summary>
    /// The logits [C,N]. A class is contiguous, so the softmax is vectorised over the rows for any number of classes.
    /// </summary>
    public Tensor Logits(Tensor parameters) =>
        Rows.Times([Matrix(parameters)])[0].add_(Bias(parameters).unsqueeze(1), One);

    /// <inheritdoc cref="LogisticLoss.Of(Tensor)"/>
    public (double Sum, Tensor Probabilities) Loss(Tensor logits) => _loss.Of(logits);

    /// <inheritdoc cref="LogisticLoss.Slope"/>
    public double Slope(Tensor probabilities, Tensor direction) => _loss.Slope(probabilities, direction);

    /// <inheritdoc cref="LogisticLoss.Residual"/>
    public Tensor Residual(Tensor probabilities) => _loss.Residual(probabilities);

    /// <summary>Gradient of the loss, a vector like the parameters.</summary>
    /// <param name="weight">The product of the residual and the rows, [C,F].</param>
    public static Tensor Gradient(Tensor weight, Tensor residual) => cat([weight.flatten(), residual.sum([1L])]);

    /// <summary>Gradient of the loss, a vector like the parameters.</summary>
    public Tensor Gradient(Tensor probabilities)
    {
        Tensor residual = Residual(probabilities); // [C,N]
        return Gradient(Rows.TransposedTimes([residual])[0], residual);
    }

    /// <inheritdoc cref="LogisticLoss.MeanVariance"/>
    public double MeanVariance(Tensor probabilities) => _loss.MeanVariance(probabilities);

    public void Dispose()
    {
        if (_ownsRows)
        {
            Rows.Dispose();
        }

        _loss.Dispose();
        ColumnSquares.Dispose();
    }
}
