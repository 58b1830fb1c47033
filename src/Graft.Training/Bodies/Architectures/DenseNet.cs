using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>DenseNet-BC (arXiv 1608.06993, table 1) with growth 32 and torchvision's names.</summary>
internal static class DenseNet
{
    private const int Growth = 32;

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [Make("densenet121", [6, 12, 24, 16]), Make("densenet169", [6, 12, 32, 32])];

    private static Architecture Make(string name, int[] layers) =>
        new(
            name,
            (net, x) => Features(net, x, layers),
            (net, x, classCount) => net.AverageAndLinear(x, "classifier", classCount)
        );

    private static string Features(GraphBuilder net, string x, int[] layers)
    {
        x = net.Conv(x, "features.conv0", 2 * Growth, kernel: 7, stride: 2, padding: 3, bias: false);
        x = net.Relu(net.BatchNorm(x, "features.norm0"), "features.relu0");
        x = net.MaxPool(x, kernel: 3, stride: 2, padding: 1, name: "features.pool0");
        for (int block = 1; block <= layers.Length; block++)
        {
            for (int layer = 1; layer <= layers[block - 1]; layer++)
            {
                x = Layer(net, x, $"features.denseblock{block}.denselayer{layer}");
            }

            x = block < layers.Length ? Transition(net, x, $"features.transition{block}") : x;
        }

        return net.Relu(net.BatchNorm(x, "features.norm5"), "features");
    }

    // Appends 32 new channels to the input's.
    private static string Layer(GraphBuilder net, string x, string name)
    {
        string y = net.Relu(net.BatchNorm(x, $"{name}.norm1"));
        y = net.Conv(y, $"{name}.conv1", 4 * Growth, kernel: 1, bias: false);
        y = net.Relu(net.BatchNorm(y, $"{name}.norm2"));
        y = net.Conv(y, $"{name}.conv2", Growth, kernel: 3, padding: 1, bias: false);
        return net.Concat(name, x, y);
    }

    private static string Transition(GraphBuilder net, string x, string name)
    {
        int half = net.ChannelsOf(x) / 2;
        x = net.Relu(net.BatchNorm(x, $"{name}.norm"));
        x = net.Conv(x, $"{name}.conv", half, kernel: 1, bias: false);
        return net.AveragePool(x, kernel: 2, stride: 2, name);
    }
}
