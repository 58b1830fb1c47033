using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A pretrained network with its card.</summary>
/// <param name="Model">The graph with its weights. Takes normalised images, N x 3 x H x W.</param>
/// <param name="FeatureEdge">The edge of the features before the classifier: N x C x H x W, or N x C.</param>
/// <param name="HasClassifier">
/// Whether the weights include a classifier. Without one the network's output is the features.
/// </param>
/// <param name="Card">Name, preprocessing, licence, origin and hash of the weights.</param>
internal sealed record Body(OnnxModel Model, string FeatureEdge, bool HasClassifier, BodyDescription Card)
{
    /// <summary>Whether the features are a map, as of ConvNets, or a vector, as of transformers.</summary>
    public FeatureKind Kind { get; init; } = FeatureKind.Map;

    /// <summary>The edge where a new head begins.</summary>
    public FeatureBoundary Boundary =>
        Kind == FeatureKind.Map
            ? new(FeatureEdge, Kind, "the last feature map")
            : new(FeatureEdge, Kind, "the class token and the mean of the patch tokens");
}

/// <summary>Facts about a body that its graph does not hold.</summary>
/// <param name="Name">Name of the architecture in the catalogue, of the imported body or of the ONNX file.</param>
/// <param name="Preprocessing">How images were prepared in pretraining.</param>
/// <param name="Licence">Licence of the weights; null where the publisher states none or the file is unknown.</param>
/// <param name="Origin">Publisher and address of the weights; null where the file is unknown.</param>
/// <param name="WeightsSha256">SHA-256 of the weight file, lower-case hexadecimal.</param>
internal sealed record BodyDescription(
    string Name,
    Preprocessing Preprocessing,
    string? Licence,
    string? Origin,
    string WeightsSha256
);
