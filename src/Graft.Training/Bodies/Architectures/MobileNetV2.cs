using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>MobileNetV2 (arXiv 1801.04381, table 2), with torchvision's names.</summary>
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

    /// <summary>The single variant in the catalogue.</summary>
    public static IEnumerable<Architecture> All =>
        [
            new(
                "mobilenet_v2",
                (net, x) => Features(net, x, padsAtEnd: false),
                (net, x, classCount) => net.AverageAndLinear(x, "classifier.1", classCount)
            )
            {
                KerasFeatures = (net, x) => Features(net, x, padsAtEnd: true),
            },
        ];

    private static string Features(GraphBuilder net, string x, bool padsAtEnd)
    {
        int layer = 0;
        x = net.ConvNorm(x, $"features.{layer++}", 32, kernel: 3, Activation.Relu6, stride: 2, padsAtEnd: padsAtEnd);
        foreach ((int expansion, int channels, int repeats, int stride) in s_stages)
        {
            for (int i = 0; i < repeats; i++)
            {
                x = Block(net, x, $"features.{layer++}", expansion, channels, i == 0 ? stride : 1, padsAtEnd);
            }
        }

        return net.ConvNorm(x, $"features.{layer}", 1280, kernel: 1, Activation.Relu6);
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
