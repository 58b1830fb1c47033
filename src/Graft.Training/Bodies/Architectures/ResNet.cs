using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// ResNet (arXiv 1512.03385, table 1), ResNeXt (arXiv 1611.05431) and Wide ResNet (arXiv 1605.07146), with
/// torchvision's names. A bottleneck has its stride in the 3 x 3 convolution, as in torchvision ("ResNet 1.5"). In
/// Keras and in the paper it is in the first 1 x 1 convolution.
/// </summary>
internal static class ResNet
{
    /// <summary>The dimensions of a variant.</summary>
    /// <param name="Blocks">Number of blocks in each of the four layers.</param>
    /// <param name="IsBottleneck">
    /// Whether blocks are bottlenecks of three convolutions; otherwise they have two.
    /// </param>
    /// <param name="Groups">Number of groups in a bottleneck's 3 x 3 convolution.</param>
    /// <param name="GroupWidth">Number of channels of a group in the first layer.</param>
    private sealed record Table(int[] Blocks, bool IsBottleneck, int Groups = 1, int GroupWidth = 64);

    /// <summary>The variants of this family.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("resnet18", new([2, 2, 2, 2], IsBottleneck: false)),
            Make("resnet34", new([3, 4, 6, 3], IsBottleneck: false)),
            Make("resnet50", new([3, 4, 6, 3], IsBottleneck: true)),
            Make("resnet101", new([3, 4, 23, 3], IsBottleneck: true)),
            Make("resnet152", new([3, 8, 36, 3], IsBottleneck: true)),
            Make("resnext50_32x4d", new([3, 4, 6, 3], IsBottleneck: true, Groups: 32, GroupWidth: 4)),
            Make("wide_resnet50_2", new([3, 4, 6, 3], IsBottleneck: true, GroupWidth: 128)),
        ];

    private static Architecture Make(string name, Table table) =>
        new(
            name,
            (net, x) => Features(net, x, table, isKeras: false),
            (net, x, classCount) => net.AverageAndLinear(x, "fc", classCount)
        )
        {
            KerasFeatures = (net, x) => Features(net, x, table, isKeras: true),
        };

    private static string Features(GraphBuilder net, string x, Table table, bool isKeras)
    {
        x = net.Conv(x, "conv1", 64, kernel: 7, stride: 2, padding: 3, bias: false);
        x = net.Relu(net.BatchNorm(x, "bn1"), "relu");
        x = net.MaxPool(x, kernel: 3, stride: 2, padding: 1, name: "maxpool");
        for (int layer = 0; layer < 4; layer++)
        {
            int planes = 64 << layer;
            for (int i = 0; i < table.Blocks[layer]; i++)
            {
                int stride = i == 0 && layer > 0 ? 2 : 1;
                string name = $"layer{layer + 1}.{i}";
                x = table.IsBottleneck
                    ? Bottleneck(net, x, name, planes, stride, table, isKeras)
                    : Basic(net, x, name, planes, stride);
            }
        }

        return x;
    }

    private static string Basic(GraphBuilder net, string x, string name, int planes, int stride)
    {
        string y = net.Conv(x, $"{name}.conv1", planes, kernel: 3, stride, padding: 1, bias: false);
        y = net.Relu(net.BatchNorm(y, $"{name}.bn1"));
        y = net.Conv(y, $"{name}.conv2", planes, kernel: 3, padding: 1, bias: false);
        y = net.BatchNorm(y, $"{name}.bn2");
        return net.Relu(net.Add(y, Shortcut(net, x, name, planes, stride)), name);
    }

    private static string Bottleneck(
        GraphBuilder net,
        string x,
        string name,
        int planes,
        int stride,
        Table table,
        bool isKeras
    )
    {
        int width = planes * table.GroupWidth / 64 * table.Groups;
        string y = net.Conv(x, $"{name}.conv1", width, kernel: 1, isKeras ? stride : 1, bias: false);
        y = net.Relu(net.BatchNorm(y, $"{name}.bn1"));
        y = net.Conv(y, $"{name}.conv2", width, kernel: 3, isKeras ? 1 : stride, padding: 1, table.Groups, bias: false);
        y = net.Relu(net.BatchNorm(y, $"{name}.bn2"));
        y = net.Conv(y, $"{name}.conv3", 4 * planes, kernel: 1, bias: false);
        y = net.BatchNorm(y, $"{name}.bn3");
        return net.Relu(net.Add(y, Shortcut(net, x, name, 4 * planes, stride)), name);
    }

    private static string Shortcut(GraphBuilder net, string x, string name, int channels, int stride)
    {
        if (stride == 1 && net.ChannelsOf(x) == channels)
        {
            return x;
        }

        return net.BatchNorm(
            net.Conv(x, $"{name}.downsample.0", channels, kernel: 1, stride, bias: false),
            $"{name}.downsample.1"
        );
    }
}
