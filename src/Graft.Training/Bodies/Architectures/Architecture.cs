using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// A named network as two functions that write its graph: the feature map, and the classifier behind it.
/// </summary>
/// <param name="Name">As torchvision or timm calls it.</param>
/// <param name="Features">From the input edge to the feature map's edge.</param>
/// <param name="Classifier">From the feature map's edge and the number of classes to the logits' edge.</param>
internal sealed record Architecture(
    string Name,
    Func<GraphBuilder, string, string> Features,
    Func<GraphBuilder, string, int, string> Classifier
)
{
    /// <summary>
    /// The same names and shapes with the strides and paddings of Keras applications, whose weights were trained with
    /// those; null where they do not differ.
    /// </summary>
    public Func<GraphBuilder, string, string>? KerasFeatures { get; init; }

    /// <summary>The name of every network's input, N x 3 x H x W.</summary>
    public const string InputName = "input";

    /// <summary>ImageNet-1k's.</summary>
    public const int ImageNetClassCount = 1000;

    /// <summary>Writes the network for square images, its weights declared but without values.</summary>
    /// <param name="imageSide">Pixels.</param>
    /// <param name="classCount">Outputs of the classifier; 0: no classifier, the output is the feature map.</param>
    /// <param name="isKeras">Whether the weights will be those of Keras applications.</param>
    /// <exception cref="OnnxException">The network's strides leave nothing of so small an image.</exception>
    public BuiltNetwork Build(int imageSide, int classCount = ImageNetClassCount, bool isKeras = false) =>
        Build(imageSide, imageSide, classCount, isKeras);

    /// <inheritdoc cref="Build(int, int, bool)"/>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public BuiltNetwork Build(int width, int height, int classCount, bool isKeras)
    {
        GraphBuilder net = new(OnnxModel.Create(Name));
        string input = net.Input(InputName, new EdgeShape(3, height, width));
        string map = isKeras && KerasFeatures is not null ? KerasFeatures(net, input) : Features(net, input);
        string output = classCount > 0 ? Classifier(net, map, classCount) : map;
        net.Output(output);
        return new BuiltNetwork(net.Model, map, net.Parameters);
    }
}

/// <summary>A network fresh from its builder.</summary>
/// <param name="Model">The graph; its weights are the <paramref name="Parameters"/>.</param>
/// <param name="FeatureEdge">The feature map before the classifier, N x C x H x W.</param>
/// <param name="Parameters">In the order of torchvision's or timm's state_dict, batch-norm statistics included.</param>
internal sealed record BuiltNetwork(OnnxModel Model, string FeatureEdge, IReadOnlyList<TensorProto> Parameters)
{
    /// <summary>
    /// The number of trainable values, as torchvision counts them: without batch-norm's running statistics.
    /// </summary>
    public long ParameterCount =>
        Parameters.Where(p => !IsStatistic(p.Name)).Sum(p => TensorData.ElementCount(p, p.Name));

    private static bool IsStatistic(string name) =>
        name.EndsWith(".running_mean", StringComparison.Ordinal)
        || name.EndsWith(".running_var", StringComparison.Ordinal);
}
