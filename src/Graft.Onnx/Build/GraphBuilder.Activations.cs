namespace Graft.Onnx;

/// <summary>Functions of single values, and arithmetic on two edges.</summary>
internal sealed partial class GraphBuilder
{
    public string Relu(string x, string? name = null) => Same("Relu", name, x);

    /// <summary>min(max(x, 0), 6).</summary>
    public string Relu6(string x, string? name = null) =>
        Same("Clip", name ?? Fresh(x, "relu6"), x, Constant("zero", [0f]), Constant("six", [6f]));

    public string Sigmoid(string x, string? name = null) => Same("Sigmoid", name, x);

    /// <summary>x sigmoid(x), also called swish.</summary>
    public string Silu(string x, string? name = null) => Same("Mul", name ?? Fresh(x, "silu"), x, Sigmoid(x));

    /// <summary>min(max(x / 6 + 1/2, 0), 1): PyTorch's slope; ONNX's default is 0.2.</summary>
    public string HardSigmoid(string x, string? name = null)
    {
        string y = Same("HardSigmoid", name, x);
        _model.Graph.Node[^1].With("alpha", 1f / 6).With("beta", 0.5f);
        return y;
    }

    /// <summary>x hardSigmoid(x).</summary>
    public string HardSwish(string x, string? name = null) => Same("HardSwish", name, x);

    /// <summary>x (1 + erf(x / sqrt 2)) / 2, the exact form; opset 18 has no operator for it.</summary>
    public string Gelu(string x, string? name = null)
    {
        string erf = Same("Erf", null, Same("Div", null, x, Constant("sqrt2", [float.Sqrt(2)])));
        string gate = Same("Add", null, erf, Constant("one", [1f]));
        return Same("Mul", name ?? Fresh(x, "gelu"), Same("Mul", null, x, gate), Constant("half", [0.5f]));
    }

    /// <summary>a + b, of the same shape.</summary>
    public string Add(string a, string b, string? name = null) => Same("Add", name, a, b);

    /// <summary>a * b; b may have height and width 1.</summary>
    public string Mul(string a, string b, string? name = null) => Same("Mul", name, a, b);
}
