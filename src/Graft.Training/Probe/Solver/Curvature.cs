using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The memory of L-BFGS: the last steps and the changes of the gradient along them, on top of a diagonal estimate of
/// the curvature (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 7.4).
/// </summary>
internal sealed class Curvature(int memory) : IDisposable
{
    private readonly List<(Tensor Step, Tensor Change, double Product)> _pairs = [];

    /// <summary>
    /// Adds one step and drops the oldest. A step along which the gradient did not grow carries no information and is
    /// ignored.
    /// </summary>
    public void Add(Tensor step, Tensor change)
    {
        double product = step.dot(change).ReadNumber();
        if (!(product > 1e-12 * step.norm().ReadNumber() * change.norm().ReadNumber()))
        {
            return;
        }

        _pairs.Add((step.DetachFromDisposeScope(), change.DetachFromDisposeScope(), product));
        if (_pairs.Count > memory)
        {
            Forget(_pairs[0]);
            _pairs.RemoveAt(0);
        }
    }

    /// <summary>
    /// The direction of descent: minus the estimated inverse curvature times <paramref name="gradient"/>.
    /// </summary>
    /// <param name="gradient">The gradient at the current point.</param>
    /// <param name="diagonal">A diagonal estimate of the curvature, positive.</param>
    public Tensor Direction(Tensor gradient, Tensor diagonal)
    {
        Tensor direction = gradient.neg();
        Span<double> factors = stackalloc double[_pairs.Count];
        for (int i = _pairs.Count - 1; i >= 0; i--)
        {
            factors[i] = _pairs[i].Step.dot(direction).ReadNumber() / _pairs[i].Product;
            direction.add_(_pairs[i].Change, Held(-factors[i]));
        }

        direction.div_(diagonal).mul_(Held(Scale(diagonal)));
        for (int i = 0; i < _pairs.Count; i++)
        {
            double back = _pairs[i].Change.dot(direction).ReadNumber() / _pairs[i].Product;
            direction.add_(_pairs[i].Step, Held(factors[i] - back));
        }

        return direction;
    }

    public void Dispose() => _pairs.ForEach(Forget);

    private static void Forget((Tensor Step, Tensor Change, double Product) pair)
    {
        pair.Step.Dispose();
        pair.Change.Dispose();
    }

    /// <summary>
    /// Error of the diagonal along the last step, as a factor (same book, equation 7.20, in the metric of the
    /// diagonal).
    /// </summary>
    private double Scale(Tensor diagonal)
    {
        if (_pairs.Count == 0)
        {
            return 1;
        }

        (_, Tensor change, double product) = _pairs[^1];
        return product / change.div(diagonal).dot(change).ReadNumber();
    }
}
