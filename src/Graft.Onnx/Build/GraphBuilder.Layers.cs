namespace Graft.Onnx;

/// <summary>Layers with weights: convolutions, fully connected layers, normalisations.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>
    /// "SAME" as TensorFlow pads: the output has ceil(size / stride) rows; an odd pixel goes to the bottom and right.
    /// </summary>
    public const int SamePadding = -1;

    /// <summary>A square convolution; weight [channels, input channels / groups, kernel, kernel].</summary>
    /// <param name="x">A map.</param>
    /// <param name="name">The weights are NAME.weight and NAME.bias.</param>
    /// <param name="padding">Pixels on each side, or <see cref="SamePadding"/>.</param>
    public string Conv(
        string x,
        string name,
        int channels,
        int kernel,
        int stride = 1,
        int padding = 0,
        int groups = 1,
        bool bias = true
    )
    {
        EdgeShape from = ShapeOf(x);
        string weight = Parameter($"{name}.weight", channels, from.Channels / groups, kernel, kernel);
        NodeProto node = bias
            ? Node("Conv", name, x, weight, Parameter($"{name}.bias", channels))
            : Node("Conv", name, x, weight);
        node.WithAttribute("kernel_shape", [kernel, kernel])
            .WithAttribute("strides", [stride, stride])
            .WithAttribute("group", (long)groups);
        if (padding == SamePadding)
        {
            node.WithAttribute("auto_pad", "SAME_UPPER");
        }
        else
        {
            node.WithAttribute("pads", [padding, padding, padding, padding]);
        }

        int Size(int size) =>
            padding == SamePadding
                ? CeilingOf(size, stride)
                : PooledSize(size, kernel, stride, padding, ceiling: false);
        return Register(node, Map(name, channels, Size(from.Height), Size(from.Width)));
    }

    /// <summary>Batch normalisation in inference mode; weight, bias, running_mean, running_var [C].</summary>
    public string BatchNorm(string x, string name, float epsilon = 1e-5f)
    {
        int channels = ChannelsOf(x);
        NodeProto node = Node(
            "BatchNormalization",
            name,
            x,
            Parameter($"{name}.weight", channels),
            Parameter($"{name}.bias", channels),
            Parameter($"{name}.running_mean", channels),
            Parameter($"{name}.running_var", channels)
        );
        return Register(node.WithAttribute("epsilon", epsilon), ShapeOf(x));
    }

    /// <summary>A fully connected layer on a vector; weight [outputs, inputs] as PyTorch keeps it.</summary>
    public string Linear(string x, string name, int outputs)
    {
        EdgeShape from = ShapeOf(x);
        if (!from.IsVector)
        {
            throw new InvalidOperationException(
                $"'{name}' cannot read {from}: a fully connected layer takes vectors; pool or flatten first"
            );
        }

        NodeProto node = Node(
            "Gemm",
            name,
            x,
            Parameter($"{name}.weight", outputs, from.Channels),
            Parameter($"{name}.bias", outputs)
        );
        return Register(node.WithAttribute("transB", 1L), new EdgeShape(outputs));
    }

    /// <summary>
    /// A fully connected layer over the channels of a map in channels-last order [N,H,W,C]; weight [outputs, inputs].
    /// </summary>
    public string LinearChannelsLast(string x, string name, int outputs)
    {
        EdgeShape from = ShapeOf(x);
        string weight = Parameter($"{name}.weight", outputs, from.Channels);
        string bias = Parameter($"{name}.bias", outputs);
        // [inputs, outputs]; ONNX Runtime folds it
        string turned = Node("Transpose", $"{name}/weight", weight).WithAttribute("perm", [1, 0]).Name;
        string product = Node("MatMul", $"{name}/product", x, turned).Name;
        return Register(Node("Add", name, product, bias), new EdgeShape(outputs, from.Height, from.Width));
    }

    /// <summary>
    /// Layer normalisation over the last dimension: of a vector [N,C] or a channels-last map [N,H,W,C].
    /// </summary>
    public string LayerNorm(string x, string name, float epsilon)
    {
        int channels = ChannelsOf(x);
        NodeProto node = Node(
            "LayerNormalization",
            name,
            x,
            Parameter($"{name}.weight", channels),
            Parameter($"{name}.bias", channels)
        );
        return Register(node.WithAttribute("axis", -1L).WithAttribute("epsilon", epsilon), ShapeOf(x));
    }

    private static EdgeShape Map(string name, int channels, int height, int width) =>
        height > 0 && width > 0
            ? new EdgeShape(channels, height, width)
            : throw new OnnxException(
                name,
                "its input is smaller than its window; build the network for larger images"
            );

    private static int CeilingOf(int size, int divisor) => (size + divisor - 1) / divisor;
}
