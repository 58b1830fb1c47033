using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Phases;

/// <summary>How one parameter moves along its gradient, and what is remembered of the gradients before.</summary>
internal abstract class OptimizerRule : IDisposable
{
    private readonly List<Tensor> _moments = [];

    /// <summary>Moves the parameter; called without gradients, inside a scope that disposes what is made.</summary>
    public abstract void Step(Tensor parameter, Tensor gradient, double rate, double decay);

    public void Dispose() => _moments.ForEach(moment => moment.Dispose());

    /// <summary>The tensor, kept until the rule is disposed.</summary>
    protected Tensor Keep(Tensor moment)
    {
        _moments.Add(moment.DetachFromDisposeScope());
        return moment;
    }

    /// <summary>The gradient of the loss and of the penalty decay/2 |parameter|^2.</summary>
    protected static Tensor Penalised(Tensor gradient, Tensor parameter, double decay) =>
        decay == 0 ? gradient : gradient.add(parameter, Held(decay));
}

/// <summary>Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013, in PyTorch's form).</summary>
internal sealed class SgdRule : OptimizerRule
{
    private const double Momentum = 0.9;
    private Tensor? _velocity;

    public override void Step(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = Penalised(gradient, parameter, decay);
        if (_velocity is null)
        {
            _velocity = Keep(slope.clone());
        }
        else
        {
            _velocity.mul_(Held(Momentum)).add_(slope, One);
        }

        parameter.add_(slope.add(_velocity, Held(Momentum)), Held(-rate));
    }
}

/// <summary>RMSProp (Tieleman and Hinton 2012) with the constants of Keras: PyTorch's smoothing of 0.99 forgets too slowly for a few hundred steps.</summary>
internal sealed class RmsPropRule : OptimizerRule
{
    private const double Smoothing = 0.9;
    private const double Epsilon = 1e-7;
    private Tensor? _squares;

    public override void Step(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = Penalised(gradient, parameter, decay);
        _squares ??= Keep(zeros_like(parameter));
        _squares.mul_(Held(Smoothing)).addcmul_(slope, slope, Held(1 - Smoothing));
        Tensor size = _squares.sqrt().add_(Held(Epsilon), One);
        parameter.addcdiv_(slope, size, Held(-rate));
    }
}

/// <summary>Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019) where the decay is decoupled from the gradient.</summary>
internal sealed class AdamRule(bool isDecoupled) : OptimizerRule
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private Tensor? _mean;
    private Tensor? _squares;
    private int _step;

    public override void Step(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = isDecoupled ? gradient : Penalised(gradient, parameter, decay);
        if (isDecoupled)
        {
            parameter.mul_(Held(1 - (rate * decay)));
        }

        _step++;
        _mean ??= Keep(zeros_like(parameter));
        _squares ??= Keep(zeros_like(parameter));
        _mean.mul_(Held(Beta1)).add_(slope, Held(1 - Beta1));
        _squares.mul_(Held(Beta2)).addcmul_(slope, slope, Held(1 - Beta2));
        double ofMean = 1 - Math.Pow(Beta1, _step), ofSquares = 1 - Math.Pow(Beta2, _step);
        Tensor size = _squares.sqrt().div_(Held(Math.Sqrt(ofSquares))).add_(Held(Epsilon), One);
        parameter.addcdiv_(_mean, size, Held(-(rate / ofMean)));
    }
}
