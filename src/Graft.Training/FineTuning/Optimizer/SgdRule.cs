using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>Stochastic gradient descent with Nesterov momentum (Sutskever et al. 2013, in PyTorch's form).</summary>
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
