using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// RMSProp (Tieleman and Hinton 2012) with the constants of Keras. PyTorch's smoothing of 0.99 forgets too slowly for a
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
