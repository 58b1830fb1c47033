using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Comparisons, Boolean operators and Where.</summary>
internal static class LogicOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("logic")
            .Add("Equal", ArithmeticOperators.Binary((a, b) => a.eq(b)))
            .Add("Greater", ArithmeticOperators.Binary((a, b) => a.gt(b)))
            .Add("GreaterOrEqual", ArithmeticOperators.Binary((a, b) => a.ge(b)))
            .Add("Less", ArithmeticOperators.Binary((a, b) => a.lt(b)))
            .Add("LessOrEqual", ArithmeticOperators.Binary((a, b) => a.le(b)))
            .Add("And", ArithmeticOperators.Binary((a, b) => a.logical_and(b)))
            .Add("Or", ArithmeticOperators.Binary((a, b) => a.logical_or(b)))
            .Add("Xor", ArithmeticOperators.Binary((a, b) => a.logical_xor(b)))
            .Add("Not", x => x.logical_not())
            .Add("IsNaN", x => x.isnan())
            .Add("IsInf", IsInf)
            .Add("Where", _ => x => where(x[0].to(ScalarType.Bool), x[1], x[2]));

    private static SingleKernel IsInf(NodeContext node)
    {
        bool negative = node.Flag("detect_negative", true),
            positive = node.Flag("detect_positive", true);
        return x =>
        {
            Tensor isInfinite = x[0].isinf();
            return (positive, negative) switch
            {
                (true, true) => isInfinite,
                (true, false) => isInfinite.logical_and(x[0].gt(Held(0))),
                (false, true) => isInfinite.logical_and(x[0].lt(Held(0))),
                _ => zeros_like(isInfinite),
            };
        };
    }
}
