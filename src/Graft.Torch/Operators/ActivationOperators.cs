using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Approximate = TorchSharp.Modules.GELU.Approximate;

namespace Graft.Torch.Operators;

/// <summary>Activation functions.</summary>
internal static class ActivationOperators
{
    public static void Register(OperatorTable table)
    {
        table
            .In("activation")
            .Add("Relu", x => x.relu())
            .Add("Sigmoid", x => x.sigmoid())
            .Add("Tanh", x => x.tanh())
            .Add("Softplus", x => Softplus(x))
            .Add("Softsign", x => x / x.abs().Plus(1))
            .Add("HardSwish", x => functional.hardswish(x))
            .Add("Mish", x => x * Softplus(x).tanh())
            .Add("PRelu", PRelu)
            .Add("Clip", Clip)
            .Add("Gelu", Gelu)
            .Add("Celu", node => With(node.Float("alpha", 1), Celu))
            .Add("Elu", node => With(node.Float("alpha", 1), (x, alpha) => x.elu(Held(alpha), One, One)))
            .Add("LeakyRelu", node => With(node.Float("alpha", 0.01), (x, alpha) => x.leaky_relu(Held(alpha))))
            .Add("ThresholdedRelu", node =>
                With(node.Float("alpha", 1), (x, alpha) => x * x.gt(Held(alpha)).to(x.dtype))
            )
            .Add("Swish", node => With(node.Float("alpha", 1), (x, alpha) => x * x.Times(alpha).sigmoid()))
            .Add("Selu", Selu)
            .Add("HardSigmoid", HardSigmoid)
            .Add("Shrink", Shrink);
    }

    private static SingleKernel With(double alpha, Func<Tensor, double, Tensor> function) => x => function(x[0], alpha);

    // With alpha = 0 the definition divides by zero. Its limit is relu.
    private static Tensor Celu(Tensor x, double alpha) => alpha == 0 ? x.relu() : x.celu(Held(alpha));

    // log(1 + exp(x)). TorchSharp's softplus makes scalars that nothing keeps alive.
    private static Tensor Softplus(Tensor x) => x.neg().log_sigmoid().neg();

    private static SingleKernel Selu(NodeContext node)
    {
        bool isOld = node.Opset < 6; // Selu-1 has rounded constants
        double alpha = node.Float("alpha", isOld ? 1.6732 : 1.67326319217681884765625);
        double gamma = node.Float("gamma", isOld ? 1.0507 : 1.05070102214813232421875);
        return x => x[0].elu(Held(alpha), Held(gamma), One);
    }

    private static SingleKernel HardSigmoid(NodeContext node)
    {
        double alpha = node.Float("alpha", 0.2),
            beta = node.Float("beta", 0.5);
        return x => x[0].Times(alpha).Plus(beta).clamp(Held(0.0), Held(1.0));
    }

    private static SingleKernel Shrink(NodeContext node)
    {
        double lambd = node.Float("lambd", 0.5),
            bias = node.Float("bias", 0);
        return x =>
        {
            Tensor input = x[0];
            Tensor above = input.Plus(-bias) * input.gt(Held(lambd)).to(input.dtype);
            return above.Plus(input.Plus(bias) * input.lt(Held(-lambd)).to(input.dtype));
        };
    }

    private static SingleKernel Gelu(NodeContext node)
    {
        bool isTanh = node.Choice("approximate", "none", "tanh") == "tanh";
        return x => x[0].gelu(isTanh ? Approximate.tanh : Approximate.none);
    }

    private static SingleKernel PRelu(NodeContext node) =>
        x =>
        {
            Tensor input = x[0],
                slope = x[1];
            if (node.Opset < 7 && slope.dim() == 1 && slope.numel() > 1)
            {
                // one slope per channel
                slope = slope.reshape([-1, .. Enumerable.Repeat(1L, Math.Max((int)input.dim() - 2, 0))]);
            }

            return input.clamp_min(Held(0)).Plus(slope * input.clamp_max(Held(0)));
        };

    private static SingleKernel Clip(NodeContext node)
    {
        double lowest = double.NegativeInfinity,
            highest = double.PositiveInfinity;
        if (node.Opset < 11)
        {
            lowest = node.Float("min", lowest);
            highest = node.Float("max", highest);
            return x => Clamp(x[0], lowest, highest);
        }

        return x => Clamp(x[0], x.Scalar(1, lowest), x.Scalar(2, highest));
    }

    private static Tensor Clamp(Tensor x, double lowest, double highest)
    {
        if (x.is_floating_point())
        {
            return (lowest, highest) switch
            {
                (double.NegativeInfinity, double.PositiveInfinity) => x.alias(),
                (0, 6) => functional.relu6(x), // its gradient takes one pass, that of clamp four
                _ => x.clamp(Held(lowest), Held(highest)),
            };
        }

        return x.clamp(
            Held(lowest <= long.MinValue ? long.MinValue : (long)lowest),
            Held(highest >= long.MaxValue ? long.MaxValue : (long)highest)
        );
    }
}
