using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// EfficientNet-Lite (github.com/tensorflow/tpu, models/official/efficientnet/lite), with timm's names and TensorFlow's
/// padding. It is EfficientNet (arXiv 1905.11946) with ReLU6 and without squeeze-and-excitation. Its stem, head, first
/// and last stage do not scale.
/// </summary>
internal static class EfficientNetLite
{
    private sealed record Stage(int Repeats, int Kernel, int Stride, int Expansion, int Channels);

    private static readonly Stage[] s_stages =
    [
        new(1, 3, 1, 1, 16),
        new(2, 3, 2, 6, 24),
        new(2, 5, 2, 6, 40),
        new(3, 3, 2, 6, 80),
        new(3, 5, 1, 6, 112),
        new(4, 5, 2, 6, 192),
        new(1, 3, 1, 6, 320),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("tf_efficientnet_lite0", 1.0, 1.0),
            Make("tf_efficientnet_lite1", 1.0, 1.1),
            Make("tf_efficientnet_lite2", 1.1, 1.2),
        ];

    private static Architecture Make(string name, double width, double depth) =>
        new(
            name,
            (net, x) => Features(net, x, width, depth),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier", classCount)
        );

    private static string Features(GraphBuilder net, string x, double width, double depth)
    {
        x = ConvNorm(net, x, "conv_stem", "bn1", 32, kernel: 3, stride: 2);
        for (int s = 0; s < s_stages.Length; s++)
        {
            Stage stage = s_stages[s];
            bool isEnd = s == 0 || s == s_stages.Length - 1;
            int repeats = isEnd ? stage.Repeats : (int)Math.Ceiling(stage.Repeats * depth);
            int channels = Blocks.MultipleOf8(stage.Channels * width);
            for (int i = 0; i < repeats; i++)
            {
                x = Block(net, x, $"blocks.{s}.{i}", stage, channels, i == 0 ? stage.Stride : 1);
            }
        }

        return ConvNorm(net, x, "conv_head", "bn2", 1280, kernel: 1);
    }

    private static string Block(GraphBuilder net, string x, string name, Stage stage, int channels, int stride)
    {
        int from = net.ChannelsOf(x);
        string y = x;
        if (stage.Expansion == 1)
        {
            y = ConvNorm(net, y, $"{name}.conv_dw", $"{name}.bn1", from, stage.Kernel, stride, groups: from);
            y = ConvNorm(net, y, $"{name}.conv_pw", $"{name}.bn2", channels, kernel: 1, isLinear: true);
        }
        else
        {
            int wide = from * stage.Expansion;
            y = ConvNorm(net, y, $"{name}.conv_pw", $"{name}.bn1", wide, kernel: 1);
            y = ConvNorm(net, y, $"{name}.conv_dw", $"{name}.bn2", wide, stage.Kernel, stride, groups: wide);
            y = ConvNorm(net, y, $"{name}.conv_pwl", $"{name}.bn3", channels, kernel: 1, isLinear: true);
        }

        return stride == 1 && from == channels ? net.Add(y, x, name) : y;
    }

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
        x = net.Conv(x, conv, channels, kernel, stride, GraphBuilder.SamePadding, groups, bias: false);
        x = net.BatchNorm(x, norm, Blocks.TensorFlowEpsilon);
        return isLinear ? x : net.Relu6(x);
    }
}
