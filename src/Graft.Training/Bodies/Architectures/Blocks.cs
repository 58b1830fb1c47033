using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>What follows a convolution.</summary>
internal enum Activation
{
    None,
    Relu,
    Relu6,
    Silu,
    HardSwish,
}

/// <summary>Parts that several families share.</summary>
internal static class Blocks
{
    /// <summary>The epsilon of batch-norm in networks that came from TensorFlow.</summary>
    public const float TensorFlowEpsilon = 1e-3f;

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
    /// torchvision's Conv2dNormActivation: NAME.0 a convolution without bias that keeps the size but for its stride,
    /// NAME.1 batch-norm, NAME.2.
    /// </summary>
    /// <param name="padsAtEnd">TensorFlow's padding, which differs where the stride is 2 and the size even.</param>
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
    /// torchvision's SqueezeExcitation (arXiv 1709.01507): every channel times a gate computed from the means of all
    /// channels.
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

    /// <summary>The usual end: average over the map, one fully connected layer.</summary>
    public static string AverageAndLinear(this GraphBuilder net, string map, string name, int classCount) =>
        net.Linear(net.Average(map), name, classCount);

    /// <summary>
    /// The nearest multiple of 8, at least 8, that takes away no more than a tenth (TensorFlow's slim models,
    /// make_divisible).
    /// </summary>
    public static int MultipleOf8(double channels)
    {
        int rounded = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}
