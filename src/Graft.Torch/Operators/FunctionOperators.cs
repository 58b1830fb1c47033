namespace Graft.Torch.Operators;

/// <summary>Mathematical functions of one tensor, value by value.</summary>
internal static class FunctionOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("function")
            .Add("Abs", x => x.abs())
            .Add("Neg", x => x.neg())
            .Add("Exp", x => x.exp())
            .Add("Log", x => x.log())
            .Add("Sqrt", x => x.sqrt())
            .Add("Reciprocal", x => x.reciprocal())
            .Add("Floor", x => x.floor())
            .Add("Ceil", x => x.ceil())
            .Add("Round", x => x.round())
            .Add("Sign", x => x.sign())
            .Add("Erf", x => x.erf())
            .Add("Sin", x => x.sin())
            .Add("Cos", x => x.cos())
            .Add("Tan", x => x.tan())
            .Add("Asin", x => x.asin())
            .Add("Acos", x => x.acos())
            .Add("Atan", x => x.atan())
            .Add("Sinh", x => x.sinh())
            .Add("Cosh", x => x.cosh())
            .Add("Asinh", x => x.asinh())
            .Add("Acosh", x => x.acosh())
            .Add("Atanh", x => x.atanh());
}
