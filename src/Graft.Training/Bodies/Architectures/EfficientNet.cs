using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// EfficientNet-B0 and B1 (arXiv 1905.11946, table 1 and section 3.3), with torchvision's names and its batch-norm
/// epsilon of 1e-5, which holds up to B4.
/// </summary>
internal static class EfficientNet
{
    private static readonly (int Expansion, int Kernel, int Stride, int Channels, int Repeats)[] s_stages =
    [
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All => [Make("efficientnet_b0", 1.0), Make("efficientnet_b1", 1.1)];

    /// <param name="name">Name of the variant.</param>
    /// <param name="depth">
    /// Factor of the number of blocks in each stage, rounded up. B0 and B1 have the same width.
    /// </param>
    private static Architecture Make(string name, double depth) =>
        new(
            name,
            (net, x) => Features(net, x, depth, padsAtEnd: false),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier.1", classCount)
        )
        {
            KerasFeatures = (net, x) => Features(net, x, depth, padsAtEnd: true),
        };

    private static string Features(GraphBuilder net, string x, double depth, bool padsAtEnd)
    {
        int stage = 0;
        x = net.ConvNorm(x, $"features.{stage++}", 32, kernel: 3, Activation.Silu, stride: 2, padsAtEnd: padsAtEnd);
        foreach ((int expansion, int kernel, int stride, int channels, int repeats) in s_stages)
        {
            for (int i = 0; i < (int)Math.Ceiling(repeats * depth); i++)
            {
                x = Block(net, x, $"features.{stage}.{i}", expansion, kernel, i == 0 ? stride : 1, channels, padsAtEnd);
            }

            stage++;
        }

        return net.ConvNorm(x, $"features.{stage}", 1280, kernel: 1, Activation.Silu);
    }

    private static string Block(
        GraphBuilder net,
        string x,
        string name,
        int expansion,
        int kernel,
        int stride,
        int channels,
        bool padsAtEnd
    )
    {
        int from = net.ChannelsOf(x);
        int wide = from * expansion;
        int i = 0;
        string y = expansion > 1 ? net.ConvNorm(x, $"{name}.block.{i++}", wide, kernel: 1, Activation.Silu) : x;
        y = net.ConvNorm(
            y,
            $"{name}.block.{i++}",
            wide,
            kernel,
            Activation.Silu,
            stride,
            groups: wide,
            padsAtEnd: padsAtEnd
        );
        y = net.SqueezeExcitation(
            y,
            $"{name}.block.{i++}",
            Math.Max(1, from / 4),
            e => net.Silu(e),
            e => net.Sigmoid(e)
        );
        y = net.ConvNorm(y, $"{name}.block.{i}", channels, kernel: 1, Activation.None);
        return stride == 1 && from == channels ? net.Add(y, x, name) : y;
    }
}
