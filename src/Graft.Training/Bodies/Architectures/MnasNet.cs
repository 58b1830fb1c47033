using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// MNASNet-B1 (arXiv 1807.11626, figure 7, without squeeze-and-excitation), with torchvision's names.
/// </summary>
internal static class MnasNet
{
    // Stacks of inverted residual blocks, as in torchvision.
    private static readonly (int Channels, int Kernel, int Stride, int Expansion, int Repeats)[] s_stacks =
    [
        (24, 3, 2, 3, 3),
        (40, 5, 2, 3, 3),
        (80, 5, 2, 6, 3),
        (96, 3, 1, 6, 2),
        (192, 5, 2, 6, 4),
        (320, 3, 1, 6, 1),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All => [Make("mnasnet0_5", 0.5), Make("mnasnet1_0", 1.0)];

    private static Architecture Make(string name, double width) =>
        new(
            name,
            (net, x) => Features(net, x, width),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier.1", classCount)
        );

    private static string Features(GraphBuilder net, string x, double width)
    {
        int stem = Blocks.MultipleOf8(32 * width);
        x = net.Relu(ConvNorm(net, x, "layers", 0, stem, kernel: 3, stride: 2));
        x = net.Relu(ConvNorm(net, x, "layers", 3, stem, kernel: 3, groups: stem));
        x = ConvNorm(net, x, "layers", 6, Blocks.MultipleOf8(16 * width), kernel: 1);
        int layer = 8;
        foreach ((int channels, int kernel, int stride, int expansion, int repeats) in s_stacks)
        {
            for (int i = 0; i < repeats; i++)
            {
                x = Block(
                    net,
                    x,
                    $"layers.{layer}.{i}",
                    Blocks.MultipleOf8(channels * width),
                    kernel,
                    i == 0 ? stride : 1,
                    expansion
                );
            }

            layer++;
        }

        return net.Relu(ConvNorm(net, x, "layers", layer, 1280, kernel: 1), $"layers.{layer + 2}");
    }

    private static string Block(
        GraphBuilder net,
        string x,
        string name,
        int channels,
        int kernel,
        int stride,
        int expansion
    )
    {
        int from = net.ChannelsOf(x);
        int wide = from * expansion;
        string y = net.Relu(ConvNorm(net, x, $"{name}.layers", 0, wide, kernel: 1));
        y = net.Relu(ConvNorm(net, y, $"{name}.layers", 3, wide, kernel, stride, groups: wide));
        y = ConvNorm(net, y, $"{name}.layers", 6, channels, kernel: 1);
        return stride == 1 && from == channels ? net.Add(y, x, name) : y;
    }

    private static string ConvNorm(
        GraphBuilder net,
        string x,
        string name,
        int index,
        int channels,
        int kernel,
        int stride = 1,
        int groups = 1
    )
    {
        x = net.Conv(x, $"{name}.{index}", channels, kernel, stride, padding: kernel / 2, groups, bias: false);
        return net.BatchNorm(x, $"{name}.{index + 1}");
    }
}
