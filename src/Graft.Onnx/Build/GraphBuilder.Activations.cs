namespace Graft.Onnx;

/// <summary>Functions of single values, and arithmetic on two edges.</summary>
internal sealed partial class GraphBuilder
{
    public string Relu(string x, string? name = null) => ShapePreserving("Relu", name, x);

    /// <summary>min(max(x, 0), 6).</summary>
    public string Relu6(string x, string? name = null) =>
        ShapePreserving("Clip", name ?? UniqueName(x, "relu6"), x, Constant("zero", [0f]), Constant("six", [6f]));

    public string Sigmoid(string x, string? name = null) => ShapePreserving("Sigmoid", name, x);

    /// <summary>x sigmoid(x), also called swish.</summary>
    public string Silu(string x, string? name = null) =>
        ShapePreserving("Mul", name ?? UniqueName(x, "silu"), x, Sigmoid(x));

    /// <summary>min(max(x / 6 + 1/2, 0), 1): PyTorch's slope; ONNX's default is 0.2.</summary>
    public string HardSigmoid(string x, string? name = null)
    {
        string y = ShapePreserving("HardSigmoid", name, x);
        _model.Graph.Node[^1].WithAttribute("alpha", 1f / 6).WithAttribute("beta", 0.5f);
        return y;
    }

    /// <summary>x hardSigmoid(x).</summary>
    public string HardSwish(string x, string? name = null) => ShapePreserving("HardSwish", name, x);

    /// <summary>x (1 + erf(x / sqrt 2)) / 2, the exact form; opset 18 has no operator for it.</summary>
    public string Gelu(string x, string? name = null)
    {
        string erf = ShapePreserving("Erf", null, ShapePreserving("Div", null, x, Constant("sqrt2", [float.Sqrt(2)])));
        string gate = ShapePreserving("Add", null, erf, Constant("one", [1f]));
        return ShapePreserving(
            "Mul",
            name ?? UniqueName(x, "gelu"),
            ShapePreserving("Mul", null, x, gate),
            Constant("half", [0.5f])
        );
    }

    /// <summary>a + b, of the same shape.</summary>
    public string Add(string a, string b, string? name = null) => ShapePreserving("Add", name, a, b);

    /// <summary>a * b; b may have height and width 1.</summary>
    public string Mul(string a, string b, string? name = null) => ShapePreserving("Mul", name, a, b);
}
