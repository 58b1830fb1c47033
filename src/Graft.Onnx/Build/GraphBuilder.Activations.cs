namespace Graft.Onnx;

/// <content>Element-wise functions.</content>
public sealed partial class GraphBuilder
{
    /// <summary>max(x, 0).</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Relu(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ShapePreserving("Relu", name, x);
    }

    /// <summary>min(max(x, 0), 6).</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Relu6(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        (string zero, string six) = (Constant("zero", [0f]), Constant("six", [6f]));
        return ShapePreserving("Clip", name ?? UniqueName(x, "relu6"), x, zero, six);
    }

    /// <summary>1 / (1 + exp(-x)).</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Sigmoid(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ShapePreserving("Sigmoid", name, x);
    }

    /// <summary>x sigmoid(x), also called Swish.</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Silu(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ShapePreserving("Mul", name ?? UniqueName(x, "silu"), x, Sigmoid(x));
    }

    /// <summary>min(max(x / 6 + 1/2, 0), 1), with PyTorch's slope of 1/6 instead of ONNX's default of 0.2.</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string HardSigmoid(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        string y = ShapePreserving("HardSigmoid", name, x);
        _model.Graph.Node[^1].WithAttribute("alpha", 1f / 6).WithAttribute("beta", 0.5f);
        return y;
    }

    /// <summary>x hardSigmoid(x) (Howard et al., "Searching for MobileNetV3", 2019).</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string HardSwish(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ShapePreserving("HardSwish", name, x);
    }

    /// <summary>x (1 + erf(x / sqrt 2)) / 2, the exact form. Opset 18 has no operator for it.</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Gelu(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        string erf = ShapePreserving("Erf", null, ShapePreserving("Div", null, x, Constant("sqrt2", [float.Sqrt(2)])));
        string gate = ShapePreserving("Add", null, erf, Constant("one", [1f]));
        return ShapePreserving(
            "Mul",
            name ?? UniqueName(x, "gelu"),
            ShapePreserving("Mul", null, x, gate),
            Constant("half", [0.5f])
        );
    }

    /// <summary>a + b, element by element.</summary>
    /// <param name="a">An edge.</param>
    /// <param name="b">An edge of the same shape.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Add(string a, string b, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return ShapePreserving("Add", name, a, b);
    }

    /// <summary>a * b, element by element.</summary>
    /// <param name="a">An edge.</param>
    /// <param name="b">An edge of the same shape, or with height and width 1.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Mul(string a, string b, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return ShapePreserving("Mul", name, a, b);
    }
}
