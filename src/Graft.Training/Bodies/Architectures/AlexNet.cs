using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// AlexNet in the variant of "One weird trick" (Krizhevsky, arXiv 1404.5997), with torchvision's names.
/// </summary>
internal static class AlexNet
{
    /// <summary>The single variant in the catalogue.</summary>
    public static IEnumerable<Architecture> All => [new("alexnet", Features, Classifier)];

    private static string Features(GraphBuilder net, string x)
    {
        x = net.Relu(net.Conv(x, "features.0", 64, kernel: 11, stride: 4, padding: 2), "features.1");
        x = net.MaxPool(x, kernel: 3, stride: 2, name: "features.2");
        x = net.Relu(net.Conv(x, "features.3", 192, kernel: 5, padding: 2), "features.4");
        x = net.MaxPool(x, kernel: 3, stride: 2, name: "features.5");
        x = net.Relu(net.Conv(x, "features.6", 384, kernel: 3, padding: 1), "features.7");
        x = net.Relu(net.Conv(x, "features.8", 256, kernel: 3, padding: 1), "features.9");
        x = net.Relu(net.Conv(x, "features.10", 256, kernel: 3, padding: 1), "features.11");
        return net.MaxPool(x, kernel: 3, stride: 2, name: "features.12");
    }

    private static string Classifier(GraphBuilder net, string x, int classCount)
    {
        x = net.Flatten(net.AdaptiveAveragePool(x, 6, "avgpool"));
        x = net.Relu(net.Linear(x, "classifier.1", 4096), "classifier.2");
        x = net.Relu(net.Linear(x, "classifier.4", 4096), "classifier.5");
        return net.Linear(x, "classifier.6", classCount);
    }
}
