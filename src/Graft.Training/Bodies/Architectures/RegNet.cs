using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>RegNetY-400MF (arXiv 2003.13678, table of section 5), with torchvision's names.</summary>
internal static class RegNet
{
    private const int GroupWidth = 8;

    // Computed by torchvision from depth 16, w_0 = 48, w_a = 27.89 and w_m = 2.09.
    private static readonly (int Channels, int Repeats)[] s_stages = [(48, 1), (104, 3), (208, 6), (440, 6)];

    /// <summary>The single variant in the catalogue.</summary>
    public static IEnumerable<Architecture> All =>
        [new("regnet_y_400mf", Features, (net, x, classCount) => net.AverageAndLinear(x, "fc", classCount))];

    private static string Features(GraphBuilder net, string x)
    {
        x = net.ConvNorm(x, "stem", 32, kernel: 3, Activation.Relu, stride: 2);
        for (int stage = 0; stage < s_stages.Length; stage++)
        {
            for (int i = 0; i < s_stages[stage].Repeats; i++)
            {
                x = Block(
                    net,
                    x,
                    $"trunk_output.block{stage + 1}.block{stage + 1}-{i}",
                    s_stages[stage].Channels,
                    i == 0 ? 2 : 1
                );
            }
        }

        return x;
    }

    private static string Block(GraphBuilder net, string x, string name, int channels, int stride)
    {
        int from = net.ChannelsOf(x);
        bool keepsShape = stride == 1 && from == channels;
        string shortcut = keepsShape
            ? x
            : net.ConvNorm(x, $"{name}.proj", channels, kernel: 1, Activation.None, stride);
        string y = net.ConvNorm(x, $"{name}.f.a", channels, kernel: 1, Activation.Relu);
        y = net.ConvNorm(y, $"{name}.f.b", channels, kernel: 3, Activation.Relu, stride, groups: channels / GroupWidth);
        y = net.SqueezeExcitation(
            y,
            $"{name}.f.se",
            (int)Math.Round(0.25 * from),
            e => net.Relu(e),
            e => net.Sigmoid(e)
        );
        y = net.ConvNorm(y, $"{name}.f.c", channels, kernel: 1, Activation.None);
        return net.Relu(net.Add(shortcut, y), name);
    }
}
