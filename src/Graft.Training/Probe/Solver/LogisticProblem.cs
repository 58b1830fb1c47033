using Graft.Torch;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The rows, labels and weights of one multinomial logistic regression, its loss and its gradient. The parameters are
/// one vector: the weights [C,F] row by row, then the biases [C]. Products have the precision of the rows; everything
/// else is double. The same rows give the same bits. libtorch does all work, even where .NET's vector code could,
/// because a probe takes a second, most of which that code would wait for the JIT (measured: 1.7 s for the first search
/// in a process, 0.6 s for the second).
/// </summary>
internal sealed class LogisticProblem : IDisposable
{
    private readonly bool _ownsRows;
    private readonly Tensor _labels; // [1,N] int64
    private readonly Tensor _weights; // [N] float64

    /// <param name="rows">Rows [N,F], float32 or float64. The problem owns them from now on.</param>
    /// <inheritdoc cref="LogisticProblem(RotatedFeatures, int[], double[], int)"/>
    public LogisticProblem(Tensor rows, int[] labels, double[]? weights, int classCount)
        : this(RotatedFeatures.Of(rows), labels, weights, classCount) => _ownsRows = true;

    /// <param name="labels">Class numbers [N], 0 to <paramref name="classCount"/> - 1.</param>
    /// <param name="weights">Factor of each row's loss, [N], 0 or more; 0 for a held-out row. Null: all are 1.</param>
    /// <param name="classCount">Number of classes, 2 or more.</param>
    public LogisticProblem(RotatedFeatures rows, int[] labels, double[]? weights, int classCount)
    {
        using DisposeScope scope = NewDisposeScope();
        Rows = rows;
        ClassCount = classCount;
        _labels = tensor(labels, ScalarType.Int64).unsqueeze(0).DetachFromDisposeScope();
        _weights = (
            weights is null ? ones(labels.Length, ScalarType.Float64) : AlignedTensor.Of(weights)
        ).DetachFromDisposeScope();
        WeightSum = _weights.sum().ReadNumber();
        ColumnSquares = rows.ColumnSquares([_weights])[0].DetachFromDisposeScope();
    }

    public RotatedFeatures Rows { get; }

    public long FeatureCount => Rows.FeatureCount;

    public int ClassCount { get; }

    public double WeightSum { get; }

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

    /// <summary>The weighted sum of the log-losses, in nats, and the probabilities [C,N].</summary>
    public (double Sum, Tensor Probabilities) Loss(Tensor logits)
    {
        Tensor total = logits.logsumexp(0); // [N]
        Tensor own = logits.gather(0, _labels).squeeze(0); // [N]
        return (total.sub(own).dot(_weights).ReadNumber(), logits.sub(total).exp_());
    }

    /// <summary>Derivative of the loss along <paramref name="direction"/> [C,N], a direction of the logits.</summary>
    public double Slope(Tensor probabilities, Tensor direction)
    {
        Tensor expected = probabilities.mul(direction).sum([0L]); // [N]; a bare 0 would be taken for an element type
        Tensor own = direction.gather(0, _labels).squeeze(0); // [N]
        return expected.sub_(own).dot(_weights).ReadNumber();
    }

    /// <summary>Derivative of the loss by the logits, [C,N].</summary>
    public Tensor Residual(Tensor probabilities)
    {
        Tensor surplus = full_like(_labels, Held(-1), ScalarType.Float64); // [1,N]
        return probabilities.scatter_add(0, _labels, surplus).mul_(_weights); // [C,N]
    }

    /// <summary>Gradient of the loss, a vector like the parameters.</summary>
    /// <param name="weight">The product of the residual and the rows, [C,F].</param>
    public static Tensor Gradient(Tensor weight, Tensor residual) => cat([weight.flatten(), residual.sum([1L])]);

    /// <summary>Gradient of the loss, a vector like the parameters.</summary>
    public Tensor Gradient(Tensor probabilities)
    {
        Tensor residual = Residual(probabilities); // [C,N]
        return Gradient(Rows.TransposedTimes([residual])[0], residual);
    }

    /// <summary>
    /// Weighted mean of p (1 - p) over rows and classes, which is the curvature that the loss has left.
    /// </summary>
    public double MeanVariance(Tensor probabilities)
    {
        Tensor variance = probabilities.sub(probabilities.Squared()).sum([0L]); // [N]
        return variance.dot(_weights).ReadNumber() / (ClassCount * WeightSum);
    }

    public void Dispose()
    {
        if (_ownsRows)
        {
            Rows.Dispose();
        }

        _labels.Dispose();
        _weights.Dispose();
        ColumnSquares.Dispose();
    }
}
