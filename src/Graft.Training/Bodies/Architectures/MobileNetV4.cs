using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// MobileNetV4's convolutional networks (arXiv 2404.10518, section 3 and appendix D), with timm's names.
/// </summary>
internal static class MobileNetV4
{
    private const int HeadChannels = 1280;

    /// <summary>A block that may be repeated.</summary>
    /// <param name="Start">Kernel of the depthwise convolution before the expansion; 0 where there is none.</param>
    /// <param name="Middle">Kernel of the depthwise convolution behind the expansion; 0 where there is none.</param>
    /// <param name="Expansion">Channels inside for each channel of the input.</param>
    /// <param name="Repeats">Number of such blocks.</param>
    private readonly record struct Block(int Start, int Middle, int Expansion, int Repeats = 1);

    /// <param name="Channels">Channels of the stage's output.</param>
    /// <param name="Blocks">The universal inverted bottlenecks. The first one halves the map.</param>
    private sealed record Stage(int Channels, params Block[] Blocks);

    private static readonly Stage[] s_small =
    [
        new(96, new(5, 5, 3), new(0, 3, 2, 4), new(3, 0, 4)),
        new(128, new(3, 3, 6), new(5, 5, 4), new(0, 5, 4), new(0, 5, 3), new(0, 3, 4, 2)),
    ];

    private static readonly Stage[] s_medium =
    [
        new(80, new(3, 5, 4), new(3, 3, 2)),
        new(160, new(3, 5, 6), new(3, 3, 4, 2), new(3, 5, 4), new(3, 3, 4), new(3, 0, 4), new(0, 0, 2), new(3, 0, 4)),
        new(
            256,
            new(5, 5, 6),
            new(5, 5, 4),
            new(3, 5, 4, 2),
            new(0, 0, 4),
            new(3, 0, 4),
            new(3, 5, 2),
            new(5, 5, 4),
            new(0, 0, 4, 2),
            new(5, 0, 2)
        ),
    ];

    private static readonly Stage[] s_large =
    [
        new(96, new(3, 5, 4), new(3, 3, 4)),
        new(192, new(3, 5, 4), new(3, 3, 4, 3), new(3, 5, 4), new(5, 3, 4, 5), new(3, 0, 4)),
        new(
            512,
            new(5, 5, 4, 4),
            new(5, 0, 4),
            new(5, 3, 4),
            new(5, 0, 4, 2),
            new(5, 3, 4),
            new(5, 5, 4),
            new(5, 0, 4, 3)
        ),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("mobilenetv4_conv_small", 32, SmallStart, s_small),
            Make("mobilenetv4_conv_medium", 32, FusedStart, s_medium),
            Make("mobilenetv4_conv_large", 24, FusedStart, s_large),
        ];

    private static Architecture Make(
        string name,
        int stem,
        Func<GraphBuilder, string, (string Map, int Stages)> start,
        Stage[] stages
    ) => new(name, (net, x) => Features(net, x, stem, start, stages), Classifier);

    private static string Features(
        GraphBuilder net,
        string x,
        int stem,
        Func<GraphBuilder, string, (string Map, int Stages)> start,
        Stage[] stages
    )
    {
        x = ConvNorm(net, x, "conv_stem", "bn1", stem, kernel: 3, stride: 2);
        (x, int count) = start(net, x);
        foreach (Stage stage in stages)
        {
            int i = 0;
            foreach (Block block in stage.Blocks.SelectMany(block => Enumerable.Repeat(block, block.Repeats)))
            {
                x = Bottleneck(net, x, $"blocks.{count}.{i}", block, stage.Channels, stride: i == 0 ? 2 : 1);
                i++;
            }

            count++;
        }

        return ConvNorm(net, x, $"blocks.{count}.0.conv", $"blocks.{count}.0.bn1", 960, kernel: 1);
    }

    // Two stages of a 3 x 3 and a 1 x 1 convolution.
    private static (string Map, int Stages) SmallStart(GraphBuilder net, string x)
    {
        (int Wide, int Channels)[] stages = [(32, 32), (96, 64)];
        for (int i = 0; i < stages.Length; i++)
        {
            string name = $"blocks.{i}";
            x = ConvNorm(net, x, $"{name}.0.conv", $"{name}.0.bn1", stages[i].Wide, kernel: 3, stride: 2);
            x = ConvNorm(net, x, $"{name}.1.conv", $"{name}.1.bn1", stages[i].Channels, kernel: 1);
        }

        return (x, stages.Length);
    }

    // An inverted bottleneck whose expansion and depthwise convolution are one full convolution.
    private static (string Map, int Stages) FusedStart(GraphBuilder net, string x)
    {
        const string Name = "blocks.0.0";
        x = ConvNorm(net, x, $"{Name}.conv_exp", $"{Name}.bn1", 4 * net.ChannelsOf(x), kernel: 3, stride: 2);
        return (ConvNorm(net, x, $"{Name}.conv_pwl", $"{Name}.bn2", 48, kernel: 1, isLinear: true), 1);
    }

    // The stride is that of the middle convolution, or of the first one where there is no middle one.
    private static string Bottleneck(GraphBuilder net, string x, string name, Block block, int channels, int stride)
    {
        int from = net.ChannelsOf(x);
        int wide = Blocks.MultipleOf8(from * block.Expansion);
        string y = x;
        if (block.Start > 0)
        {
            int first = block.Middle > 0 ? 1 : stride;
            y = Layer(net, y, $"{name}.dw_start", from, block.Start, first, groups: from, isLinear: true);
        }

        y = Layer(net, y, $"{name}.pw_exp", wide, kernel: 1);
        if (block.Middle > 0)
        {
            y = Layer(net, y, $"{name}.dw_mid", wide, block.Middle, stride, groups: wide);
        }

        y = Layer(net, y, $"{name}.pw_proj", channels, kernel: 1, isLinear: true);
        return stride == 1 && from == channels ? net.Add(y, x, name) : y;
    }

    private static string Layer(
        GraphBuilder net,
        string x,
        string name,
        int channels,
        int kernel,
        int stride = 1,
        int groups = 1,
        bool isLinear = false
    ) => ConvNorm(net, x, $"{name}.conv", $"{name}.bn", channels, kernel, stride, groups, isLinear);

    private static string ConvNorm(
        GraphBuilder net,
        string x,
        string conv,
        string norm,
        int channels,
        int kernel,
        int stride = 1,
        int groups = 1,
        bool isLinear = false
    )
    {
        x = net.BatchNorm(net.Conv(x, conv, channels, kernel, stride, kernel / 2, groups, bias: false), norm);
        return isLinear ? x : net.Relu(x);
    }

    private static string Classifier(GraphBuilder net, string x, int classCount)
    {
        x = net.GlobalAveragePool(x);
        x = net.Relu(net.BatchNorm(net.Conv(x, "conv_head", HeadChannels, kernel: 1, bias: false), "norm_head"));
        return net.Linear(net.Flatten(x), "classifier", classCount);
    }
}
