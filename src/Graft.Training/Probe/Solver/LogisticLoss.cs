using Graft.Torch;
using Graft.Training.Metrics;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The loss of logits [C,N] and its derivatives: of a softmax where each row has one class, of C sigmoids where it has
/// any number. Everything is double, and a class is contiguous.
/// </summary>
internal abstract class LogisticLoss : IDisposable
{
    /// <summary>Sum of the weights of a class's rows; their mean over the classes where they differ.</summary>
    public abstract double WeightSum { get; }

    /// <summary>Weight of each row, [N]; its mean over the classes where they differ.</summary>
    public abstract Tensor RowWeights { get; }

    /// <param name="labels">What is true of the rows.</param>
    /// <param name="weights">Factor of each row's loss, [N], 0 or more. Null: all are 1.</param>
    /// <param name="positiveWeights">Factor of each class's positives, [C]. Null: all are 1.</param>
    public static LogisticLoss Of(TrueLabels labels, double[]? weights, double[]? positiveWeights) =>
        labels.AreSets
            ? new SigmoidRowLoss(labels, weights, positiveWeights)
            : new SoftmaxRowLoss(labels.Numbers, weights);

    /// <summary>The weighted sum of the log-losses, in nats, and the probabilities [C,N].</summary>
    public abstract (double Sum, Tensor Probabilities) Of(Tensor logits);

    /// <summary>Derivative of the loss along <paramref name="direction"/> [C,N], a direction of the logits.</summary>
    public abstract double Slope(Tensor probabilities, Tensor direction);

    /// <summary>Derivative of the loss by the logits, [C,N].</summary>
    public abstract Tensor Residual(Tensor probabilities);

    /// <summary>
    /// Weighted mean of p (1 - p) over rows and classes, which is the curvature that the loss has left.
    /// </summary>
    public abstract double MeanVariance(Tensor probabilities);

    public abstract void Dispose();

    /// <summary>A tensor of the weights, which outlives the scope.</summary>
    protected static Tensor WeightsOf(double[]? weights, int count) =>
        weights is null ? ones(count, ScalarType.Float64) : AlignedTensor.Of(weights);
}

/// <summary>Each row has one class: a softmax over the classes.</summary>
internal sealed class SoftmaxRowLoss : LogisticLoss
{
    private readonly Tensor _labels; // [1,N] int64
    private readonly Tensor _weights; // [N] float64

    public SoftmaxRowLoss(int[] labels, double[]? weights)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        _labels = tensor(labels, ScalarType.Int64).unsqueeze(0).DetachFromDisposeScope();
        _weights = WeightsOf(weights, labels.Length).DetachFromDisposeScope();
        WeightSum = _weights.sum().ReadNumber();
    }

    public override double WeightSum { get; }

    public override Tensor RowWeights => _weights;

    public override (double Sum, Tensor Probabilities) Of(Tensor logits)
    {
        Tensor total = logits.logsumexp(0); // [N]
        Tensor own = logits.gather(0, _labels).squeeze(0); // [N]
        return (total.sub(own).dot(_weights).ReadNumber(), logits.sub(total).exp_());
    }

    public override double Slope(Tensor probabilities, Tensor direction)
    {
        Tensor expected = probabilities.mul(direction).sum([0L]); // [N]; a bare 0 would be taken for an element type
        Tensor own = direction.gather(0, _labels).squeeze(0); // [N]
        return expected.sub_(own).dot(_weights).ReadNumber();
    }

    public override Tensor Residual(Tensor probabilities)
    {
        Tensor surplus = full_like(_labels, Held(-1), ScalarType.Float64); // [1,N]
        return probabilities.scatter_add(0, _labels, surplus).mul_(_weights); // [C,N]
    }

    public override double MeanVariance(Tensor probabilities)
    {
        Tensor variance = probabilities.sub(probabilities.Squared()).sum([0L]); // [N]
        return variance.dot(_weights).ReadNumber() / (probabilities.shape[0] * WeightSum);
    }

    public override void Dispose()
    {
        _labels.Dispose();
        _weights.Dispose();
    }
}

/// <summary>Each row has any number of classes: a sigmoid for each, whose losses add up.</summary>
internal sealed class SigmoidRowLoss : LogisticLoss
{
    private readonly Tensor _targets; // [C,N] float64
    private readonly Tensor _weights; // [C,N] float64
    private readonly Tensor _rowWeights; // [N] float64

    public SigmoidRowLoss(TrueLabels labels, double[]? weights, double[]? positiveWeights)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        double[] targets = Array.ConvertAll(labels.Sets.ToArray(), has => (double)has);
        _targets = AlignedTensor.Of(targets, [labels.Count, labels.ClassCount]).t().contiguous();
        _targets = _targets.DetachFromDisposeScope();
        Tensor ofRows = WeightsOf(weights, labels.Count); // [N]
        Tensor ofPositives = (
            positiveWeights is null ? ones(labels.ClassCount, ScalarType.Float64) : AlignedTensor.Of(positiveWeights)
        ).unsqueeze(1); // [C,1]
        // 1 + y (w - 1)
        _weights = _targets.mul(ofPositives.Plus(-1.0)).Plus(1.0).mul(ofRows).DetachFromDisposeScope();
        _rowWeights = _weights.mean([0L]).DetachFromDisposeScope();
        WeightSum = _rowWeights.sum().ReadNumber();
    }

    public override double WeightSum { get; }

    public override Tensor RowWeights => _rowWeights;

    public override (double Sum, Tensor Probabilities) Of(Tensor logits)
    {
        // softplus(z) - y z, without overflow
        Tensor losses = logits.abs().neg_().exp_().log1p_().add_(logits.clamp_min(Held(0.0)), One);
        losses.sub_(_targets.mul(logits));
        return (losses.mul_(_weights).sum().ReadNumber(), logits.sigmoid());
    }

    public override double Slope(Tensor probabilities, Tensor direction) =>
        Residual(probabilities).mul_(direction).sum().ReadNumber();

    public override Tensor Residual(Tensor probabilities) => probabilities.sub(_targets).mul_(_weights); // [C,N]

    public override double MeanVariance(Tensor probabilities) =>
        probabilities.sub(probabilities.Squared()).mul_(_weights).sum().ReadNumber()
        / (probabilities.shape[0] * WeightSum);

    public override void Dispose()
    {
        _targets.Dispose();
        _weights.Dispose();
        _rowWeights.Dispose();
    }
}
