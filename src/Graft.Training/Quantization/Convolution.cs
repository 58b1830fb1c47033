using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>The constant kernel and bias of a convolution, as floats that can be changed.</summary>
/// <param name="node">The convolution.</param>
/// <param name="shape">Shape of the kernel: M x C / groups x sides.</param>
/// <param name="kernel">The kernel, row-major.</param>
/// <param name="bias">The bias, [M]; null: none.</param>
internal sealed class Convolution(NodeProto node, long[] shape, float[] kernel, float[]? bias)
{
    public NodeProto Node => node;

    public long[] Shape => shape;

    public float[] Kernel => kernel;

    /// <summary>The bias, [M]; zeros where the file has none.</summary>
    public float[] Bias { get; } = bias ?? new float[shape[0]];

    /// <summary>Whether the convolution has a bias that is not zero.</summary>
    public bool HasBias => bias is not null || Bias.AsSpan().ContainsAnyExcept(0f);

    /// <summary>Number of filters, M.</summary>
    public int Filters => (int)shape[0];

    /// <summary>Number of input channels, C.</summary>
    public int Channels => (int)(shape[1] * Groups);

    public int Groups => (int)node.GetInt("group", 1);

    /// <summary>Values of one filter.</summary>
    public int FilterSize => kernel.Length / Filters;

    /// <summary>Reads a convolution of maps; null where the node is none, or where its kernel is no constant.</summary>
    public static Convolution? Of(OnnxGraph graph, NodeProto node)
    {
        bool isPlain =
            node.OpType == "Conv"
            && node.Domain is "" or "ai.onnx"
            && node.Input.Count >= 2
            && Constants.Of(graph, node.Input[1]) is { Dims.Count: 4 };
        if (!isPlain)
        {
            return null;
        }

        TensorProto kernel = Constants.Of(graph, node.Input[1])!;
        bool hasBias = node.Input.Count > 2 && node.Input[2].Length > 0;
        TensorProto? bias = hasBias ? Constants.Of(graph, node.Input[2]) : null;
        return hasBias && bias is null
            ? null
            : new(
                node,
                [.. kernel.Dims],
                TensorValues.ToSingles(kernel),
                bias is null ? null : TensorValues.ToSingles(bias)
            );
    }

    /// <summary>Writes kernel and bias as new weights of a model; the node reads them from now on.</summary>
    public void WriteTo(OnnxModel model)
    {
        string name = node.Output[0];
        node.Input.RemoveAt(1);
        if (node.Input.Count > 1)
        {
            node.Input.RemoveAt(1);
        }

        node.Input.Add(Add(model, $"{name}/kernel", shape, kernel));
        if (HasBias)
        {
            node.Input.Add(Add(model, $"{name}/bias", [shape[0]], Bias));
        }
    }

    private static string Add(OnnxModel model, string name, long[] dimensions, float[] values)
    {
        TensorProto weight = TensorValues.FromSingles(name, dimensions, values);
        if (model.Graph.Initializer.FirstOrDefault(one => one.Name == name) is TensorProto old)
        {
            old.RawData = weight.RawData;
        }
        else
        {
            model.Graph.Initializer.Add(weight);
        }

        return name;
    }
}
