using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>ShuffleNetV2 (arXiv 1807.11164, table 5 and figure 3), with torchvision's names.</summary>
internal static class ShuffleNetV2
{
    private static readonly int[] s_repeats = [4, 8, 4];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [Make("shufflenet_v2_x0_5", [48, 96, 192]), Make("shufflenet_v2_x1_0", [116, 232, 464])];

    private static Architecture Make(string name, int[] widths) =>
        new(
            name,
            (net, x) => Features(net, x, widths),
            (net, x, classCount) => net.AverageAndLinear(x, "fc", classCount)
        );

    private static string Features(GraphBuilder net, string x, int[] widths)
    {
        x = net.ConvNorm(x, "conv1", 24, kernel: 3, Activation.Relu, stride: 2);
        x = net.MaxPool(x, kernel: 3, stride: 2, padding: 1, name: "maxpool");
        for (int stage = 0; stage < 3; stage++)
        {
            for (int i = 0; i < s_repeats[stage]; i++)
            {
                string name = $"stage{stage + 2}.{i}";
                x = i == 0 ? Shrink(net, x, name, widths[stage]) : Block(net, x, name);
            }
        }

        return net.ConvNorm(x, "conv5", 1024, kernel: 1, Activation.Relu);
    }

    // Figure 3 (d): both branches take all channels and halve the map.
    private static string Shrink(GraphBuilder net, string x, string name, int channels)
    {
        string one = Depthwise(net, x, $"{name}.branch1", 0, stride: 2);
        one = Pointwise(net, one, $"{name}.branch1", 2, channels / 2);
        string two = Branch(net, x, name, channels / 2, stride: 2);
        return net.ChannelShuffle(net.Concat($"{name}.concat", one, two), groups: 2, name);
    }

    // Figure 3 (c): one half of the channels stays unchanged.
    private static string Block(GraphBuilder net, string x, string name)
    {
        int channels = net.ChannelsOf(x);
        string kept = net.SliceChannels(x, 0, channels / 2);
        string changed = Branch(net, net.SliceChannels(x, channels / 2, channels), name, channels / 2, stride: 1);
        return net.ChannelShuffle(net.Concat($"{name}.concat", kept, changed), groups: 2, name);
    }

    private static string Branch(GraphBuilder net, string x, string name, int channels, int stride)
    {
        x = Pointwise(net, x, $"{name}.branch2", 0, channels);
        x = Depthwise(net, x, $"{name}.branch2", 3, stride);
        return Pointwise(net, x, $"{name}.branch2", 5, channels);
    }

    private static string Depthwise(GraphBuilder net, string x, string name, int index, int stride)
    {
        int channels = net.ChannelsOf(x);
        x = net.Conv(x, $"{name}.{index}", channels, kernel: 3, stride, padding: 1, groups: channels, bias: false);
        return net.BatchNorm(x, $"{name}.{index + 1}");
    }

    private static string Pointwise(GraphBuilder net, string x, string name, int index, int channels)
    {
        x = net.Conv(x, $"{name}.{index}", channels, kernel: 1, bias: false);
        return net.Relu(net.BatchNorm(x, $"{name}.{index + 1}"), $"{name}.{index + 2}");
    }
}
