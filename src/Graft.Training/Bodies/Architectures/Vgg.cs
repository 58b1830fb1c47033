using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>VGG (Simonyan and Zisserman, arXiv 1409.1556, table 1), with torchvision's names.</summary>
internal static class Vgg
{
    // Channels of the 3 x 3 convolutions in each block, for the paper's columns A, B, D and E. A block ends in
    // max-pooling.
    private static readonly int[][] s_a =
    [
        [64],
        [128],
        [256, 256],
        [512, 512],
        [512, 512],
    ];
    private static readonly int[][] s_b =
    [
        [64, 64],
        [128, 128],
        [256, 256],
        [512, 512],
        [512, 512],
    ];
    private static readonly int[][] s_d =
    [
        [64, 64],
        [128, 128],
        [256, 256, 256],
        [512, 512, 512],
        [512, 512, 512],
    ];
    private static readonly int[][] s_e =
    [
        [64, 64],
        [128, 128],
        [256, 256, 256, 256],
        [512, 512, 512, 512],
        [512, 512, 512, 512],
    ];

    /// <summary>The variants of this family.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("vgg11", s_a, normalise: false),
            Make("vgg11_bn", s_a, normalise: true),
            Make("vgg13", s_b, normalise: false),
            Make("vgg13_bn", s_b, normalise: true),
            Make("vgg16", s_d, normalise: false),
            Make("vgg16_bn", s_d, normalise: true),
            Make("vgg19", s_e, normalise: false),
            Make("vgg19_bn", s_e, normalise: true),
        ];

    private static Architecture Make(string name, int[][] blocks, bool normalise) =>
        new(name, (net, x) => Features(net, x, blocks, normalise), Classifier);

    private static string Features(GraphBuilder net, string x, int[][] blocks, bool normalise)
    {
        int i = 0; // torchvision numbers all layers, with and without weights
        foreach (int[] block in blocks)
        {
            foreach (int channels in block)
            {
                x = net.Conv(x, $"features.{i++}", channels, kernel: 3, padding: 1);
                x = normalise ? net.BatchNorm(x, $"features.{i++}") : x;
                x = net.Relu(x, $"features.{i++}");
            }

            x = net.MaxPool(x, kernel: 2, stride: 2, name: $"features.{i++}");
        }

        return x;
    }

    private static string Classifier(GraphBuilder net, string x, int classCount)
    {
        x = net.Flatten(net.AdaptiveAveragePool(x, 7, "avgpool"));
        x = net.Relu(net.Linear(x, "classifier.0", 4096), "classifier.1");
        x = net.Relu(net.Linear(x, "classifier.3", 4096), "classifier.4");
        return net.Linear(x, "classifier.6", classCount);
    }
}
