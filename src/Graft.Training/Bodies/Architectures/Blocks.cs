using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>The activation function behind a convolution.</summary>
internal enum Activation
{
    None,
    Relu,
    Relu6,
    Silu,
    HardSwish,
}

/// <summary>Building blocks that several families share.</summary>
internal static class Blocks
{
    /// <summary>Batch-norm epsilon of networks from TensorFlow.</summary>
    public const float TensorFlowEpsilon = 1e-3f;

    /// <summary>Appends an activation function; <see cref="Activation.None"/> appends nothing.</summary>
    public static string Activate(this GraphBuilder net, string x, Activation activation, string? name = null) =>
        activation switch
        {
            Activation.Relu => net.Relu(x, name),
            Activation.Relu6 => net.Relu6(x, name),
            Activation.Silu => net.Silu(x, name),
            Activation.HardSwish => net.HardSwish(x, name),
            _ => x,
        };

    /// <summary>
    /// torchvision's Conv2dNormActivation: a convolution without bias (NAME.0), batch-norm (NAME.1) and an activation
    /// (NAME.2). Only the stride changes the size of the map.
    /// </summary>
    /// <param name="net">The graph; it is changed.</param>
    /// <param name="x">Edge of the input.</param>
    /// <param name="name">Prefix of the names.</param>
    /// <param name="channels">Number of output channels.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="activation">The activation function.</param>
    /// <param name="stride">Stride of the convolution.</param>
    /// <param name="groups">Number of groups of the convolution.</param>
    /// <param name="epsilon">Epsilon of the batch-norm.</param>
    /// <param name="padsAtEnd">
    /// Whether padding is TensorFlow's, which differs where the stride is 2 and the size is even.
    /// </param>
    /// <returns>Edge of the output.</returns>
    public static string ConvNorm(
        this GraphBuilder net,
        string x,
        string name,
        int channels,
        int kernel,
        Activation activation,
        int stride = 1,
        int groups = 1,
        float epsilon = 1e-5f,
        bool padsAtEnd = false
    )
    {
        int padding = padsAtEnd ? GraphBuilder.SamePadding : kernel / 2;
        x = net.Conv(x, $"{name}.0", channels, kernel, stride, padding, groups, bias: false);
        x = net.BatchNorm(x, $"{name}.1", epsilon);
        return net.Activate(x, activation, $"{name}.2");
    }

    /// <summary>
    /// torchvision's SqueezeExcitation (arXiv 1709.01507): multiplies each channel by a gate that is computed from the
    /// means of all channels.
    /// </summary>
    public static string SqueezeExcitation(
        this GraphBuilder net,
        string x,
        string name,
        int squeezed,
        Func<string, string> activation,
        Func<string, string> gate
    )
    {
        string y = net.GlobalAveragePool(x, $"{name}.avgpool");
        y = net.Conv(y, $"{name}.fc1", squeezed, kernel: 1);
        y = net.Conv(activation(y), $"{name}.fc2", net.ChannelsOf(x), kernel: 1);
        return net.Mul(x, gate(y), name);
    }

    /// <summary>The usual classifier: the average of the map and one fully connected layer.</summary>
    public static string AverageAndLinear(this GraphBuilder net, string map, string name, int classCount) =>
        net.Linear(net.GlobalAverage(map), name, classCount);

    /// <summary>
    /// The nearest multiple of 8 that is at least 8 and at least nine tenths of <paramref name="channels"/>
    /// (make_divisible in TensorFlow's slim models).
    /// </summary>
    public static int MultipleOf8(double channels)
    {
        int rounded = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}
