using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// MobileNetV2 (arXiv 1801.04381, table 2), with torchvision's names. Widths other than 1 round channels as Keras does
/// (keras/src/applications/mobilenet_v2.py): to multiples of 8, and the last convolution never has fewer than 1280.
/// </summary>
internal static class MobileNetV2
{
    private static readonly (int Expansion, int Channels, int Repeats, int Stride)[] s_stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    private const int LastChannels = 1280;

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("mobilenet_v2_035", 0.35),
            Make("mobilenet_v2_050", 0.5),
            Make("mobilenet_v2_075", 0.75),
            Make("mobilenet_v2", 1),
            Make("mobilenet_v2_130", 1.3),
            Make("mobilenet_v2_140", 1.4),
        ];

    private static Architecture Make(string name, double width) =>
        new(
            name,
            (net, x) => Features(net, x, width, padsAtEnd: false),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier.1", classCount)
        )
        {
            KerasFeatures = (net, x) => Features(net, x, width, padsAtEnd: true),
        };

    private static string Features(GraphBuilder net, string x, double width, bool padsAtEnd)
    {
        int layer = 0;
        int stem = Blocks.MultipleOf8(32 * width);
        x = net.ConvNorm(x, $"features.{layer++}", stem, kernel: 3, Activation.Relu6, stride: 2, padsAtEnd: padsAtEnd);
        foreach ((int expansion, int full, int repeats, int stride) in s_stages)
        {
            int channels = Blocks.MultipleOf8((int)(full * width)); // Keras cuts the fraction off first
            for (int i = 0; i < repeats; i++)
            {
                x = Block(net, x, $"features.{layer++}", expansion, channels, i == 0 ? stride : 1, padsAtEnd);
            }
        }

        int last = width > 1 ? Blocks.MultipleOf8(LastChannels * width) : LastChannels;
        return net.ConvNorm(x, $"features.{layer}", last, kernel: 1, Activation.Relu6);
    }

    private static string Block(
        GraphBuilder net,
        string x,
        string name,
        int expansion,
        int channels,
        int stride,
        bool padsAtEnd
    )
    {
        int from = net.ChannelsOf(x);
        int wide = from * expansion;
        int i = 0;
        string y = expansion > 1 ? net.ConvNorm(x, $"{name}.conv.{i++}", wide, kernel: 1, Activation.Relu6) : x;
        y = net.ConvNorm(
            y,
            $"{name}.conv.{i++}",
            wide,
            kernel: 3,
            Activation.Relu6,
            stride,
            groups: wide,
            padsAtEnd: padsAtEnd
        );
        y = net.Conv(y, $"{name}.conv.{i++}", channels, kernel: 1, bias: false);
        y = net.BatchNorm(y, $"{name}.conv.{i}");
        return stride == 1 && from == channels ? net.Add(x, y, name) : y;
    }
}
