namespace Graft.Onnx;

/// <content>Layers with weights: convolutions, fully connected layers and normalizations.</content>
public sealed partial class GraphBuilder
{
    /// <summary>
    /// TensorFlow's "SAME" padding: the output has ceil(size / stride) rows, and an odd pixel is padded at the bottom
    /// and right.
    /// </summary>
    public const int SamePadding = -1;

    /// <summary>A square convolution with the weight [channels, input channels / groups, kernel, kernel].</summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="name">Name of the node and its output; the weights are NAME.weight and NAME.bias.</param>
    /// <param name="channels">Number of output channels.</param>
    /// <param name="kernel">Side of the kernel in pixels.</param>
    /// <param name="stride">Step of the kernel in pixels.</param>
    /// <param name="padding">Pixels on each side, or <see cref="SamePadding"/>.</param>
    /// <param name="groups">Number of groups that channels are split into; it divides both channel counts.</param>
    /// <param name="bias">Whether the layer has a bias.</param>
    /// <exception cref="OnnxException">The map is smaller than the kernel.</exception>
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
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
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

    /// <summary>
    /// Batch normalization in inference mode, with weight, bias, running_mean and running_var [C] (Ioffe and
    /// Szegedy, 2015).
    /// </summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output, and prefix of the weights' names.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public string BatchNorm(string x, string name, float epsilon = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
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

    /// <summary>A fully connected layer on a vector, with PyTorch's weight layout [outputs, inputs].</summary>
    /// <param name="x">The input edge, a vector.</param>
    /// <param name="name">Name of the node and its output; the weights are NAME.weight and NAME.bias.</param>
    /// <param name="outputs">Number of output values.</param>
    /// <exception cref="InvalidOperationException">The input is a map.</exception>
    public string Linear(string x, string name, int outputs)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
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
    /// A fully connected layer over the channels of a channels-last map [N,H,W,C], with the weight [outputs, inputs].
    /// </summary>
    /// <param name="x">The input edge, in channels-last order.</param>
    /// <param name="name">Name of the node and its output; the weights are NAME.weight and NAME.bias.</param>
    /// <param name="outputs">Number of output channels.</param>
    public string LinearChannelsLast(string x, string name, int outputs)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
        EdgeShape from = ShapeOf(x);
        string weight = Parameter($"{name}.weight", outputs, from.Channels);
        string bias = Parameter($"{name}.bias", outputs);
        // [inputs, outputs]; ONNX Runtime folds the node into a constant.
        string transposed = Node("Transpose", $"{name}/weight", weight).WithAttribute("perm", [1, 0]).Name;
        string product = Node("MatMul", $"{name}/product", x, transposed).Name;
        return Register(Node("Add", name, product, bias), new EdgeShape(outputs, from.Height, from.Width));
    }

    /// <summary>
    /// Layer normalization over the last dimension (Ba et al., 2016).
    /// </summary>
    /// <param name="x">The input edge: a vector [N,C] or a channels-last map [N,H,W,C].</param>
    /// <param name="name">Name of the node and its output; the weights are NAME.weight and NAME.bias.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public string LayerNorm(string x, string name, float epsilon)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
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
