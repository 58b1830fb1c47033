using static Graft.Torch.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>How one parameter moves along its gradient, and what is remembered of the gradients before.</summary>
internal abstract class OptimizerRule : IDisposable
{
    private readonly List<Tensor> _moments = [];

    /// <summary>What is remembered, each of the parameter's shape; empty before the first step.</summary>
    public IReadOnlyList<Tensor> Moments => _moments;

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Goes on from where another rule of the same kind was.</summary>
    /// <param name="moments">Copied into memory laid out as the parameter's: the order of the elements decides the last
    /// bit of what is computed from them.</param>
    public void Restore(Tensor parameter, IReadOnlyList<Tensor> moments, int steps)
    {
        foreach (Tensor moment in moments)
        {
            Remember(zeros_like(parameter)).copy_(moment);
        }

        Steps = steps;
    }

    /// <summary>Moves the parameter and counts the step.</summary>
    public void Step(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Steps++;
        Move(parameter, gradient, rate, decay);
    }

    /// <summary>Moves the parameter; called without gradients, inside a scope that disposes what is made.</summary>
    protected abstract void Move(Tensor parameter, Tensor gradient, double rate, double decay);

    public void Dispose() => _moments.ForEach(moment => moment.Dispose());

    /// <summary>The tensor, kept until the rule is disposed.</summary>
    protected Tensor Remember(Tensor moment)
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

    protected override void Move(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = Penalised(gradient, parameter, decay);
        Tensor velocity = Moments is [Tensor kept]
            ? kept.mul_(Held(Momentum)).add_(slope, One)
            : Remember(slope.clone());
        parameter.add_(slope.add(velocity, Held(Momentum)), Held(-rate));
    }
}

/// <summary>
/// RMSProp (Tieleman and Hinton 2012) with the constants of Keras: PyTorch's smoothing of 0.99 forgets too slowly for a
/// few hundred steps.
/// </summary>
internal sealed class RmsPropRule : OptimizerRule
{
    private const double Smoothing = 0.9;
    private const double Epsilon = 1e-7;

    protected override void Move(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = Penalised(gradient, parameter, decay);
        Tensor squares = Moments is [Tensor kept] ? kept : Remember(zeros_like(parameter));
        squares.mul_(Held(Smoothing)).addcmul_(slope, slope, Held(1 - Smoothing));
        Tensor size = squares.sqrt().add_(Held(Epsilon), One);
        parameter.addcdiv_(slope, size, Held(-rate));
    }
}

/// <summary>
/// Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019) where the decay is decoupled from the gradient.
/// </summary>
internal sealed class AdamRule(bool isDecoupled) : OptimizerRule
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    protected override void Move(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Tensor slope = isDecoupled ? gradient : Penalised(gradient, parameter, decay);
        if (isDecoupled)
        {
            parameter.mul_(Held(1 - (rate * decay)));
        }

        (Tensor mean, Tensor squares) = Moments is [Tensor first, Tensor second]
            ? (first, second)
            : (Remember(zeros_like(parameter)), Remember(zeros_like(parameter)));
        mean.mul_(Held(Beta1)).add_(slope, Held(1 - Beta1));
        squares.mul_(Held(Beta2)).addcmul_(slope, slope, Held(1 - Beta2));
        double ofMean = 1 - Math.Pow(Beta1, Steps),
            ofSquares = 1 - Math.Pow(Beta2, Steps);
        Tensor size = squares.sqrt().div_(Held(Math.Sqrt(ofSquares))).add_(Held(Epsilon), One);
        parameter.addcdiv_(mean, size, Held(-(rate / ofMean)));
    }
}
