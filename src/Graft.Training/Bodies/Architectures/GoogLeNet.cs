using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// GoogLeNet (arXiv 1409.4842, table 1) with batch-norm, without auxiliary classifiers, and with torchvision's names.
/// Its "5 x 5" branch has a 3 x 3 convolution: torchvision made this mistake when it ported the network, and the
/// published weights need it.
/// </summary>
internal static class GoogLeNet
{
    /// <summary>One inception module.</summary>
    /// <param name="Name">Name of the module.</param>
    /// <param name="One">Channels of the 1 x 1 branch.</param>
    /// <param name="Reduce3">Channels of the reduction before the 3 x 3 convolution.</param>
    /// <param name="Three">Channels of the 3 x 3 convolution.</param>
    /// <param name="Reduce5">Channels of the reduction before the "5 x 5" convolution.</param>
    /// <param name="Five">Channels of the "5 x 5" convolution.</param>
    /// <param name="Pooled">Channels of the branch with max-pooling.</param>
    /// <param name="Pool">Window of the max-pooling with stride 2 before the module; 0 for none.</param>
    private sealed record Module(
        string Name,
        int One,
        int Reduce3,
        int Three,
        int Reduce5,
        int Five,
        int Pooled,
        int Pool = 0
    );

    private static readonly Module[] s_modules =
    [
        new("inception3a", 64, 96, 128, 16, 32, 32, Pool: 3),
        new("inception3b", 128, 128, 192, 32, 96, 64),
        new("inception4a", 192, 96, 208, 16, 48, 64, Pool: 3),
        new("inception4b", 160, 112, 224, 24, 64, 64),
        new("inception4c", 128, 128, 256, 24, 64, 64),
        new("inception4d", 112, 144, 288, 32, 64, 64),
        new("inception4e", 256, 160, 320, 32, 128, 128),
        new("inception5a", 256, 160, 320, 32, 128, 128, Pool: 2),
        new("inception5b", 384, 192, 384, 48, 128, 128),
    ];

    /// <summary>The single variant in the catalogue.</summary>
    public static IEnumerable<Architecture> All =>
        [new("googlenet", Features, (net, x, classCount) => net.AverageAndLinear(x, "fc", classCount))];

    private static string Features(GraphBuilder net, string x)
    {
        x = Conv(net, x, "conv1", 64, kernel: 7, stride: 2);
        x = net.MaxPool(x, kernel: 3, stride: 2, ceiling: true, name: "maxpool1");
        x = Conv(net, x, "conv2", 64, kernel: 1);
        x = Conv(net, x, "conv3", 192, kernel: 3);
        foreach (Module module in s_modules)
        {
            x = module.Pool > 0 ? net.MaxPool(x, module.Pool, stride: 2, ceiling: true) : x;
            x = Inception(net, x, module);
        }

        return x;
    }

    private static string Inception(GraphBuilder net, string x, Module module)
    {
        string name = module.Name;
        string one = Conv(net, x, $"{name}.branch1", module.One, kernel: 1);
        string three = Conv(
            net,
            Conv(net, x, $"{name}.branch2.0", module.Reduce3, kernel: 1),
            $"{name}.branch2.1",
            module.Three,
            kernel: 3
        );
        string five = Conv(
            net,
            Conv(net, x, $"{name}.branch3.0", module.Reduce5, kernel: 1),
            $"{name}.branch3.1",
            module.Five,
            kernel: 3
        );
        string pooled = Conv(
            net,
            net.MaxPool(x, kernel: 3, stride: 1, padding: 1, ceiling: true),
            $"{name}.branch4.1",
            module.Pooled,
            kernel: 1
        );
        return net.Concat(name, one, three, five, pooled);
    }

    private static string Conv(GraphBuilder net, string x, string name, int channels, int kernel, int stride = 1)
    {
        x = net.Conv(x, $"{name}.conv", channels, kernel, stride, padding: kernel / 2, bias: false);
        return net.Relu(net.BatchNorm(x, $"{name}.bn", Blocks.TensorFlowEpsilon), name);
    }
}
