using Graft.Torch;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The state of an L-BFGS run, and its step: <see cref="Aim"/>, <see cref="Search"/>, <see cref="Arrive"/>. Between
/// them the caller multiplies with the rows, for several runs at once.
/// </summary>
internal sealed class LogisticDescent : IDisposable
{
    private const int Memory = 10;

    private readonly LogisticProblem _problem;
    private readonly double _inverseL2;
    private readonly Curvature _curvature = new(Memory);
    private Tensor? _logits; // [C,N]
    private Tensor? _residual; // [C,N]
    private Tensor? _gradient; // like the parameters
    private Tensor? _diagonal; // like the parameters: a first guess of the curvature
    private Tensor? _step; // like the parameters
    private double _variance;

    public LogisticDescent(LogisticProblem problem, double inverseL2, double[]? start)
    {
        _problem = problem;
        _inverseL2 = inverseL2;
        long count = problem.ClassCount * (problem.FeatureCount + 1);
        Parameters = (
            start is null ? zeros(count, ScalarType.Float64) : AlignedTensor.Of(start)
        ).DetachFromDisposeScope();
    }

    /// <summary>The parameters: the weights [C,F] row by row, then the biases [C].</summary>
    public Tensor Parameters { get; }

    public double LossSum { get; private set; }

    public int Iterations { get; private set; }

    /// <summary>True where no step lowers the objective within the precision.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>The factor [C,F] of the rows whose product <see cref="Begin"/> needs.</summary>
    public Tensor Weight => _problem.Matrix(Parameters);

    /// <summary>The factor [C,F] of the rows whose product <see cref="Search"/> needs.</summary>
    public Tensor LineWeight => _problem.Matrix(_step!);

    /// <summary>The factor [C,N] of the rows whose product <see cref="Arrive"/> needs.</summary>
    public Tensor Residual => _residual!;

    /// <summary>The sum of loss and penalty, in nats.</summary>
    public double Objective
    {
        get
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = _problem.Weight(Parameters);
            return LossSum + (weight.dot(weight).ReadNumber() / (2 * _inverseL2));
        }
    }

    /// <summary>
    /// True where the objective is within a share of its minimum, by Newton's estimate with the diagonal instead of the
    /// Hessian.
    /// </summary>
    public bool IsWithin(double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        return _gradient!.div(_diagonal!).dot(_gradient).ReadNumber() / 2 <= tolerance * Objective;
    }

    /// <param name="products">The product of <see cref="Weight"/> and the rows, [C,N].</param>
    public void Begin(Tensor products)
    {
        using DisposeScope scope = NewDisposeScope();
        Replace(ref _logits, products.add(_problem.Bias(Parameters).unsqueeze(1), One)); // [C,N]
        (LossSum, Tensor probabilities) = _problem.Loss(_logits!);
        Leave(probabilities);
    }

    /// <summary>Chooses the direction of the next step.</summary>
    public void Aim()
    {
        using DisposeScope scope = NewDisposeScope();
        Replace(ref _step, _curvature.Direction(_gradient!, _diagonal!));
    }

    /// <summary>
    /// Searches along the direction. The logits are linear in the step, so a trial needs no product of matrices.
    /// </summary>
    /// <param name="products">The product of <see cref="LineWeight"/> and the rows, [C,N].</param>
    public void Search(Tensor products)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lineLogits = products.add_(_problem.Bias(_step!).unsqueeze(1), One); // [C,N]
        (double length, Tensor? probabilities) = Find(lineLogits);
        if (length == 0)
        {
            IsStuck = true;
            return;
        }

        _step!.mul_(Held(length));
        Parameters.add_(_step, One);
        _logits!.add_(lineLogits, Held(length));
        Leave(probabilities!); // the search's last trial was at this length
    }

    /// <summary>Computes the gradient at the end of the step, or at the start of the run.</summary>
    /// <param name="products">The product of <see cref="Residual"/> and the rows, [C,F].</param>
    public void Arrive(Tensor products)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = LogisticProblem.Gradient(products, _residual!);
        _problem.Weight(gradient).add_(_problem.Weight(Parameters), Held(1 / _inverseL2));
        if (_gradient is not null)
        {
            _curvature.Add(_step!.clone(), gradient.sub(_gradient));
            Iterations++;
        }

        Replace(ref _gradient, gradient);
        Replace(ref _diagonal, Diagonal());
        _residual!.Dispose();
        _residual = null;
    }

    public void Dispose()
    {
        Parameters.Dispose();
        _curvature.Dispose();
        foreach (Tensor? tensor in new[] { _logits, _residual, _gradient, _diagonal, _step })
        {
            tensor?.Dispose();
        }
    }

    private (double Length, Tensor? Probabilities) Find(Tensor lineLogits)
    {
        Tensor weight = _problem.Weight(Parameters);
        Tensor line = _problem.Weight(_step!);
        double across = weight.dot(line).ReadNumber() / _inverseL2;
        double along = line.dot(line).ReadNumber() / _inverseL2;
        double lossBefore = LossSum;
        Tensor? probabilities = null;
        double length = LineSearch.Find(_gradient!.dot(_step!).ReadNumber(), Objective, at =>
        {
            using DisposeScope scope = NewDisposeScope();
            (LossSum, Tensor found) = _problem.Loss(_logits!.add(lineLogits, Held(at)));
            probabilities?.Dispose();
            probabilities = found.MoveToOuterDisposeScope();
            double lossSlope = _problem.Slope(probabilities, lineLogits);
            return (LossSum - lossBefore + (at * across) + (at * at * along / 2), lossSlope + across + (at * along));
        });
        LossSum = length == 0 ? lossBefore : LossSum;
        return (length, probabilities);
    }

    private void Leave(Tensor probabilities)
    {
        _variance = _problem.MeanVariance(probabilities);
        Replace(ref _residual, _problem.Residual(probabilities));
    }

    /// <summary>
    /// The diagonal of the curvature. It is exact where all rows are equally uncertain and the columns are principal
    /// axes.
    /// </summary>
    private Tensor Diagonal()
    {
        Tensor weight = _problem.ColumnSquares.Times(_variance).add_(Held(1 / _inverseL2), One); // [F]
        // prevents a division by 0: probabilities can round to 0 and 1
        double bias = Math.Max(_variance * _problem.WeightSum, 1e-300);
        return cat([weight.repeat(_problem.ClassCount), full(_problem.ClassCount, Held(bias), ScalarType.Float64)]);
    }

    private static void Replace(ref Tensor? kept, Tensor next)
    {
        kept?.Dispose();
        kept = next.DetachFromDisposeScope();
    }
}
