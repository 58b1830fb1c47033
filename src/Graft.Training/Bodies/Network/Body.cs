using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A pretrained network with its card.</summary>
/// <param name="Model">The graph with its weights. Takes normalised images, N x 3 x H x W.</param>
/// <param name="FeatureEdge">The edge of the feature map before the classifier, N x C x H x W.</param>
/// <param name="HasClassifier">
/// Whether the weights include a classifier. Without one the network's output is the feature map.
/// </param>
/// <param name="Card">Name, preprocessing, licence, origin and hash of the weights.</param>
internal sealed record Body(OnnxModel Model, string FeatureEdge, bool HasClassifier, BodyDescription Card);

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
