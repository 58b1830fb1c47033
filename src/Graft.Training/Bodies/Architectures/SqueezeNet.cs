using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>SqueezeNet (arXiv 1602.07360, table 1) 1.0 and 1.1, with torchvision's names.</summary>
internal static class SqueezeNet
{
    // Squeezed channels of each fire module, whose output has eight times as many (half 1 x 1, half 3 x 3). 0 stands
    // for max-pooling.
    private static readonly int[] s_layers10 = [0, 16, 16, 32, 0, 32, 48, 48, 64, 0, 64];
    private static readonly int[] s_layers11 = [0, 16, 16, 0, 32, 32, 0, 48, 48, 64, 64];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            new(
                "squeezenet1_0",
                (net, x) => Features(net, net.Conv(x, "features.0", 96, kernel: 7, stride: 2), s_layers10),
                Classifier
            ),
            new(
                "squeezenet1_1",
                (net, x) => Features(net, net.Conv(x, "features.0", 64, kernel: 3, stride: 2), s_layers11),
                Classifier
            ),
        ];

    private static string Features(GraphBuilder net, string x, int[] layers)
    {
        x = net.Relu(x, "features.1");
        for (int i = 0; i < layers.Length; i++)
        {
            string name = $"features.{i + 2}";
            x =
                layers[i] == 0
                    ? net.MaxPool(x, kernel: 3, stride: 2, ceiling: true, name: name)
                    : Fire(net, x, name, layers[i]);
        }

        return x;
    }

    private static string Fire(GraphBuilder net, string x, string name, int squeezed)
    {
        x = net.Relu(net.Conv(x, $"{name}.squeeze", squeezed, kernel: 1));
        string one = net.Relu(net.Conv(x, $"{name}.expand1x1", 4 * squeezed, kernel: 1));
        string three = net.Relu(net.Conv(x, $"{name}.expand3x3", 4 * squeezed, kernel: 3, padding: 1));
        return net.Concat(name, one, three);
    }

    private static string Classifier(GraphBuilder net, string x, int classCount) =>
        net.GlobalAverage(net.Relu(net.Conv(x, "classifier.1", classCount, kernel: 1), "classifier.2"), "classifier.3");
}
