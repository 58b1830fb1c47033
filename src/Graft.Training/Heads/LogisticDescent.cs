using Graft.Training.Network;
using TorchSharp;
using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>Where an L-BFGS run stands, and its step.</summary>
internal sealed class LogisticDescent : IDisposable
{
    private readonly LogisticProblem _problem;
    private readonly double _inverseL2;
    private Tensor _logits;             // [C,N]
    private Tensor _probabilities;      // [C,N]
    private Tensor _gradient;           // like the parameters
    private Tensor _diagonal;           // like the parameters: a first guess of the curvature

    public LogisticDescent(LogisticProblem problem, double inverseL2, double[]? start)
    {
        using DisposeScope scope = NewDisposeScope();
        _problem = problem;
        _inverseL2 = inverseL2;
        long count = problem.ClassCount * (problem.FeatureCount + 1);
        Parameters = (start is null ? zeros(count, ScalarType.Float64) : AlignedTensor.Of(start)).DetachFromDisposeScope();
        _logits = problem.Logits(Parameters).DetachFromDisposeScope();
        (LossSum, _probabilities) = problem.Loss(_logits);
        _probabilities.DetachFromDisposeScope();
        _gradient = Gradient().DetachFromDisposeScope();
        _diagonal = Diagonal().DetachFromDisposeScope();
    }

    /// <summary>The weight [C,F] row by row, then the bias [C].</summary>
    public Tensor Parameters { get; private set; }

    public double LossSum { get; private set; }

    /// <summary>The loss and the penalty, in nats.</summary>
    public double Objective
    {
        get
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = _problem.Weight(Parameters);
            return LossSum + (weight.dot(weight).Value() / (2 * _inverseL2));
        }
    }

    /// <summary>Newton's estimate of what is still to be gained, with the diagonal in place of the Hessian.</summary>
    public double RemainingDecrease()
    {
        using DisposeScope scope = NewDisposeScope();
        return _gradient.div(_diagonal).dot(_gradient).Value() / 2;
    }

    /// <summary>One step of L-BFGS; false when no step along its direction lowers the objective.</summary>
    public bool Step(Curvature curvature)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor direction = curvature.Direction(_gradient, _diagonal);
        Tensor lineLogits = _problem.Logits(direction);                                 // [C,N]
        double length = Search(direction, lineLogits);
        if (length == 0)
        {
            return false;
        }

        Tensor step = direction.mul_(Held(length));
        Parameters.add_(step, One);
        _logits.add_(lineLogits, Held(length));
        Tensor gradient = Gradient();                                                   // the search's last trial was at this length
        curvature.Add(step, gradient.sub(_gradient));
        Replace(ref _gradient, gradient);
        Replace(ref _diagonal, Diagonal());
        return true;
    }

    public void Dispose()
    {
        Parameters.Dispose();
        _logits.Dispose();
        _probabilities.Dispose();
        _gradient.Dispose();
        _diagonal.Dispose();
    }

    /// <summary>The logits are linear in the step, so that a trial multiplies no matrix.</summary>
    private double Search(Tensor direction, Tensor lineLogits)
    {
        Tensor weight = _problem.Weight(Parameters);
        Tensor line = _problem.Weight(direction);
        double across = weight.dot(line).Value() / _inverseL2;
        double along = line.dot(line).Value() / _inverseL2;
        double lossBefore = LossSum;
        double length = LineSearch.Find(_gradient.dot(direction).Value(), Objective, at =>
        {
            using DisposeScope scope = NewDisposeScope();
            (LossSum, Tensor probabilities) = _problem.Loss(_logits.add(lineLogits, Held(at)));
            Replace(ref _probabilities, probabilities);
            double lossSlope = _problem.Slope(probabilities, lineLogits);
            return (LossSum - lossBefore + (at * across) + (at * at * along / 2), lossSlope + across + (at * along));
        });
        LossSum = length == 0 ? lossBefore : LossSum;
        return length;
    }

    private Tensor Gradient()
    {
        Tensor gradient = _problem.Gradient(_probabilities);
        _problem.Weight(gradient).add_(_problem.Weight(Parameters), Held(1 / _inverseL2));
        return gradient;
    }

    /// <summary>Exact where all rows are equally uncertain and the columns are principal axes.</summary>
    private Tensor Diagonal()
    {
        double variance = _problem.MeanVariance(_probabilities);
        Tensor weight = _problem.ColumnSquares.Times(variance).add_(Held(1 / _inverseL2), One);      // [F]
        double bias = Math.Max(variance * _problem.WeightSum, 1e-300);                  // 0 would divide; probabilities can round to 0 and 1
        return cat([weight.repeat(_problem.ClassCount), full(_problem.ClassCount, Held(bias), ScalarType.Float64)]);
    }

    private static void Replace(ref Tensor kept, Tensor next)
    {
        kept.Dispose();
        kept = next.DetachFromDisposeScope();
    }
}
