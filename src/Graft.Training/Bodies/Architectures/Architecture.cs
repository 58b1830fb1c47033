using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A named network, given by two functions that build its graph: features and classifier.</summary>
/// <param name="Name">Name of the network in torchvision or timm.</param>
/// <param name="Features">Builds the features from the input edge, and returns their edge: a map, or a vector.</param>
/// <param name="Classifier">
/// Builds the classifier from the features' edge and the number of classes, and returns the edge of the logits.
/// </param>
internal sealed record Architecture(
    string Name,
    Func<GraphBuilder, string, string> Features,
    Func<GraphBuilder, string, int, string> Classifier
)
{
    /// <summary>
    /// Builds the feature map with the strides and paddings of Keras applications, for weights trained with them. Names
    /// and shapes are the same. Null where strides and paddings do not differ.
    /// </summary>
    public Func<GraphBuilder, string, string>? KerasFeatures { get; init; }

    /// <summary>
    /// Side of a transformer's patch in pixels, of which the input's sides are multiples. Null for a ConvNet.
    /// </summary>
    public int? PatchSide { get; init; }

    /// <summary>Name of the input edge of every network, N x 3 x H x W.</summary>
    public const string InputName = "input";

    /// <summary>Number of classes of ImageNet-1k.</summary>
    public const int ImageNetClassCount = 1000;

    /// <summary>Builds the network for square images. Its weights are declared without values.</summary>
    /// <param name="imageSide">Side of the input in pixels.</param>
    /// <param name="classCount">
    /// Number of classes; with 0 there is no classifier, and the output is the features.
    /// </param>
    /// <param name="isKeras">Whether the weights will be those of Keras applications.</param>
    /// <exception cref="OnnxException">The image is too small for the network's strides.</exception>
    /// <exception cref="GraftException">A side is no multiple of a patch's; the message names sizes.</exception>
    public BuiltNetwork Build(int imageSide, int classCount = ImageNetClassCount, bool isKeras = false) =>
        Build(imageSide, imageSide, classCount, isKeras);

    /// <summary>Builds the network for rectangular images. Its weights are declared without values.</summary>
    /// <param name="width">Width of the input in pixels.</param>
    /// <param name="height">Height of the input in pixels.</param>
    /// <param name="classCount">
    /// Number of classes; with 0 there is no classifier, and the output is the features.
    /// </param>
    /// <param name="isKeras">Whether the weights will be those of Keras applications.</param>
    /// <exception cref="OnnxException">The image is too small for the network's strides.</exception>
    /// <exception cref="GraftException">A side is no multiple of a patch's; the message names sizes.</exception>
    public BuiltNetwork Build(int width, int height, int classCount, bool isKeras)
    {
        CheckSize(width, height);
        GraphBuilder net = new(OnnxModel.Create(Name));
        string input = net.Input(InputName, new EdgeShape(3, height, width));
        string map = isKeras && KerasFeatures is not null ? KerasFeatures(net, input) : Features(net, input);
        string output = classCount > 0 ? Classifier(net, map, classCount) : map;
        net.Output(output);
        FeatureKind kind = net.ShapeOf(map).IsVector ? FeatureKind.Vector : FeatureKind.Map;
        return new BuiltNetwork(net.Model, map, kind, net.Parameters);
    }

    // A transformer cuts its input into whole patches.
    private void CheckSize(int width, int height)
    {
        if (PatchSide is not int patch || (width % patch == 0 && height % patch == 0))
        {
            return;
        }

        int size = width % patch != 0 ? width : height;
        int below = Math.Max(size / patch, 1) * patch;
        throw new GraftException(
            $"an input size of {size} pixels cannot be used: the patches of '{Name}' have {patch} x {patch} pixels; "
                + $"take a multiple, such as {below} or {below + patch}"
        )
        {
            Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.InputSize)}",
        };
    }
}

/// <summary>A network without values in its weights.</summary>
/// <param name="Model">The graph; its weights are the <paramref name="Parameters"/>.</param>
/// <param name="FeatureEdge">Edge of the features before the classifier: N x C x H x W, or N x C.</param>
/// <param name="Kind">Whether the features are a map or a vector.</param>
/// <param name="Parameters">
/// Weights and batch-norm statistics in the order of torchvision's or timm's state_dict.
/// </param>
internal sealed record BuiltNetwork(
    OnnxModel Model,
    string FeatureEdge,
    FeatureKind Kind,
    IReadOnlyList<TensorProto> Parameters
)
{
    /// <summary>
    /// Number of trainable values. Like torchvision's count, it leaves out batch-norm's running statistics.
    /// </summary>
    public long ParameterCount =>
        Parameters.Where(p => !IsStatistic(p.Name)).Sum(p => TensorValues.ElementCount(p, p.Name));

    private static bool IsStatistic(string name) =>
        name.EndsWith(".running_mean", StringComparison.Ordinal)
        || name.EndsWith(".running_var", StringComparison.Ordinal);
}
