using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// PP-HGNetV2 (PaddleClas, docs/zh_CN/models/ImageNet1k/PP-HGNetV2.md), with timm's names. Each block joins the
/// outputs of all its layers and aggregates them with two 1 x 1 convolutions.
/// </summary>
internal static class HgNetV2
{
    private const int HiddenFeatures = 2048;

    /// <param name="Middle">Channels of each layer.</param>
    /// <param name="Channels">Channels of the stage's output.</param>
    /// <param name="Blocks">Number of blocks; all but the first have a shortcut.</param>
    private sealed record Stage(int Middle, int Channels, int Blocks);

    /// <param name="Layers">Layers of each block.</param>
    /// <param name="IsAffine">Whether a learned scale and offset follow each activation.</param>
    private sealed record Variant(int StemMiddle, int Stem, int Layers, bool IsAffine, params Stage[] Stages);

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make(
                "hgnetv2_b0",
                new(16, 16, 3, true, new(16, 64, 1), new(32, 256, 1), new(64, 512, 2), new(128, 1024, 1))
            ),
            Make(
                "hgnetv2_b1",
                new(24, 32, 3, true, new(32, 64, 1), new(48, 256, 1), new(96, 512, 2), new(192, 1024, 1))
            ),
            Make(
                "hgnetv2_b2",
                new(24, 32, 4, true, new(32, 96, 1), new(64, 384, 1), new(128, 768, 3), new(256, 1536, 1))
            ),
            Make(
                "hgnetv2_b3",
                new(24, 32, 5, true, new(32, 128, 1), new(64, 512, 1), new(128, 1024, 3), new(256, 2048, 1))
            ),
            Make(
                "hgnetv2_b4",
                new(32, 48, 6, false, new(48, 128, 1), new(96, 512, 1), new(192, 1024, 3), new(384, 2048, 1))
            ),
        ];

    private static Architecture Make(string name, Variant variant) =>
        new(name, (net, x) => Features(net, x, variant), (net, x, count) => Classifier(net, x, variant, count));

    private static string Features(GraphBuilder net, string x, Variant variant)
    {
        x = Stem(net, x, variant);
        for (int s = 0; s < variant.Stages.Length; s++)
        {
            Stage stage = variant.Stages[s];
            string name = $"stages.{s}";
            if (s > 0)
            {
                int channels = net.ChannelsOf(x);
                x = ConvNorm(net, x, $"{name}.downsample", channels, kernel: 3, stride: 2, groups: channels);
            }

            for (int i = 0; i < stage.Blocks; i++)
            {
                x = Block(net, x, $"{name}.blocks.{i}", stage, variant, isLight: s >= 2, hasShortcut: i > 0);
            }
        }

        return x;
    }

    // Windows of 2 x 2 with stride 1 take one row and column of zeros at the bottom and right.
    private static string Stem(GraphBuilder net, string x, Variant variant)
    {
        int middle = variant.StemMiddle;
        x = Layer(net, x, "stem.stem1", middle, 3, variant.IsAffine, stride: 2);
        string y = Layer(net, x, "stem.stem2a", middle / 2, 2, variant.IsAffine, padding: GraphBuilder.SamePadding);
        y = Layer(net, y, "stem.stem2b", middle, 2, variant.IsAffine, padding: GraphBuilder.SamePadding);
        string pooled = net.MaxPool(net.PadEnd(x, 1), kernel: 2, stride: 1, name: "stem.pool");
        x = net.Concat("stem.joined", pooled, y);
        x = Layer(net, x, "stem.stem3", middle, 3, variant.IsAffine, stride: 2);
        return Layer(net, x, "stem.stem4", variant.Stem, 1, variant.IsAffine);
    }

    private static string Block(
        GraphBuilder net,
        string x,
        string name,
        Stage stage,
        Variant variant,
        bool isLight,
        bool hasShortcut
    )
    {
        List<string> joined = [x];
        string y = x;
        for (int i = 0; i < variant.Layers; i++)
        {
            string layer = $"{name}.layers.{i}";
            if (isLight)
            {
                y = ConvNorm(net, y, $"{layer}.conv1", stage.Middle, kernel: 1);
                y = Layer(net, y, $"{layer}.conv2", stage.Middle, 5, variant.IsAffine, groups: stage.Middle);
            }
            else
            {
                y = Layer(net, y, layer, stage.Middle, 3, variant.IsAffine);
            }

            joined.Add(y);
        }

        y = net.Concat($"{name}.joined", [.. joined]);
        y = Layer(net, y, $"{name}.aggregation.0", stage.Channels / 2, 1, variant.IsAffine);
        y = Layer(net, y, $"{name}.aggregation.1", stage.Channels, 1, variant.IsAffine);
        return hasShortcut ? net.Add(y, x, name) : y;
    }

    private static string Layer(
        GraphBuilder net,
        string x,
        string name,
        int channels,
        int kernel,
        bool isAffine,
        int stride = 1,
        int groups = 1,
        int? padding = null
    ) => Activate(net, ConvNorm(net, x, name, channels, kernel, stride, groups, padding), $"{name}.lab", isAffine);

    private static string Activate(GraphBuilder net, string x, string affine, bool isAffine)
    {
        x = net.Relu(x);
        return isAffine
            ? net.Add(net.Mul(x, net.Parameter($"{affine}.scale", 1)), net.Parameter($"{affine}.bias", 1), affine)
            : x;
    }

    private static string ConvNorm(
        GraphBuilder net,
        string x,
        string name,
        int channels,
        int kernel,
        int stride = 1,
        int groups = 1,
        int? padding = null
    )
    {
        x = net.Conv(x, $"{name}.conv", channels, kernel, stride, padding ?? kernel / 2, groups, bias: false);
        return net.BatchNorm(x, $"{name}.bn");
    }

    private static string Classifier(GraphBuilder net, string x, Variant variant, int classCount)
    {
        x = net.Conv(net.GlobalAveragePool(x), "head.last_conv.0", HiddenFeatures, kernel: 1, bias: false);
        x = Activate(net, x, "head.last_conv.2", variant.IsAffine);
        return net.Linear(net.Flatten(x), "head.fc", classCount);
    }
}
