using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>ConvNeXt (arXiv 2201.03545, section 2.5 and figure 4), with torchvision's names.</summary>
internal static class ConvNeXt
{
    private const float Epsilon = 1e-6f;

    private static readonly int[] s_widths = [96, 192, 384, 768];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [Make("convnext_tiny", [3, 3, 9, 3]), Make("convnext_small", [3, 3, 27, 3])];

    private static Architecture Make(string name, int[] depths) =>
        new(name, (net, x) => Features(net, x, depths), Classifier);

    private static string Features(GraphBuilder net, string x, int[] depths)
    {
        x = net.Conv(x, "features.0.0", s_widths[0], kernel: 4, stride: 4);
        x = ChannelNorm(net, x, "features.0.1");
        for (int stage = 0; stage < 4; stage++)
        {
            if (stage > 0)
            {
                x = ChannelNorm(net, x, $"features.{2 * stage}.0");
                x = net.Conv(x, $"features.{2 * stage}.1", s_widths[stage], kernel: 2, stride: 2);
            }

            for (int i = 0; i < depths[stage]; i++)
            {
                x = Block(net, x, $"features.{(2 * stage) + 1}.{i}");
            }
        }

        return x;
    }

    private static string Block(GraphBuilder net, string x, string name)
    {
        int channels = net.ChannelsOf(x);
        string scale = net.Parameter($"{name}.layer_scale", channels, 1, 1);
        string y = net.Conv(x, $"{name}.block.0", channels, kernel: 7, padding: 3, groups: channels);
        y = net.LayerNorm(net.ToChannelsLast(y), $"{name}.block.2", Epsilon);
        y = net.Gelu(net.LinearChannelsLast(y, $"{name}.block.3", 4 * channels));
        y = net.ToChannelsFirst(net.LinearChannelsLast(y, $"{name}.block.5", channels));
        return net.Add(net.Mul(y, scale), x, name);
    }

    // Layer norm over the channels of each pixel.
    private static string ChannelNorm(GraphBuilder net, string x, string name) =>
        net.ToChannelsFirst(net.LayerNorm(net.ToChannelsLast(x), name, Epsilon));

    private static string Classifier(GraphBuilder net, string x, int classCount) =>
        net.Linear(net.LayerNorm(net.GlobalAverage(x), "classifier.0", Epsilon), "classifier.2", classCount);
}
