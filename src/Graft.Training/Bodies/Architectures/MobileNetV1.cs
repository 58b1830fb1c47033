using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// MobileNet (arXiv 1704.04861, table 1) as in Keras, with ReLU6 after every batch-norm. The names follow timm's style:
/// conv_stem, blocks.I.conv_dw, blocks.I.conv_pw.
/// </summary>
internal static class MobileNetV1
{
    private static readonly (int Channels, int Stride)[] s_blocks =
    [
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (1024, 2),
        (1024, 1),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("mobilenet_v1_025", 0.25),
            Make("mobilenet_v1_050", 0.5),
            Make("mobilenet_v1_075", 0.75),
            Make("mobilenet_v1_100", 1),
        ];

    private static Architecture Make(string name, double width) =>
        new(
            name,
            (net, x) => Features(net, x, width),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier", classCount)
        );

    private static string Features(GraphBuilder net, string x, double width)
    {
        x = ConvNorm(net, x, "conv_stem", "bn1", (int)(32 * width), kernel: 3, stride: 2);
        for (int i = 0; i < s_blocks.Length; i++)
        {
            int from = net.ChannelsOf(x);
            x = ConvNorm(
                net,
                x,
                $"blocks.{i}.conv_dw",
                $"blocks.{i}.bn1",
                from,
                kernel: 3,
                s_blocks[i].Stride,
                groups: from
            );
            x = ConvNorm(
                net,
                x,
                $"blocks.{i}.conv_pw",
                $"blocks.{i}.bn2",
                (int)(s_blocks[i].Channels * width),
                kernel: 1
            );
        }

        return x;
    }

    private static string ConvNorm(
        GraphBuilder net,
        string x,
        string conv,
        string norm,
        int channels,
        int kernel,
        int stride = 1,
        int groups = 1
    )
    {
        x = net.Conv(x, conv, channels, kernel, stride, GraphBuilder.SamePadding, groups, bias: false);
        return net.Relu6(net.BatchNorm(x, norm, Blocks.TensorFlowEpsilon));
    }
}
