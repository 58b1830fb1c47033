using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019), whose weight decay is decoupled from the gradient.
/// </summary>
/// <param name="isDecoupled">True: AdamW.</param>
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
        double ofMean = 1 - Math.Pow(Beta1, Steps);
        double ofSquares = 1 - Math.Pow(Beta2, Steps);
        Tensor size = squares.sqrt().div_(Held(Math.Sqrt(ofSquares))).add_(Held(Epsilon), One);
        parameter.addcdiv_(mean, size, Held(-(rate / ofMean)));
    }
}
