using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A pretrained network with its card.</summary>
/// <param name="Model">The graph with its weights; takes normalised images, N x 3 x H x W.</param>
/// <param name="FeatureEdge">The feature map before the classifier, N x C x H x W.</param>
/// <param name="HasClassifier">Whether the weights came with one; otherwise the output is the feature map.</param>
internal sealed record Body(OnnxModel Model, string FeatureEdge, bool HasClassifier, BodyDescription Card);

/// <summary>What is known of a body besides its graph.</summary>
/// <param name="Name">The architecture's name in the catalogue.</param>
/// <param name="Preprocessing">What the weights were trained with.</param>
/// <param name="Licence">Of the weights; null where their publisher states none or the file is not known.</param>
/// <param name="Origin">Who published the weights, and where; null where the file is not known.</param>
/// <param name="WeightsSha256">Of the weight file, lower-case hexadecimal.</param>
internal sealed record BodyDescription(
    string Name,
    Preprocessing Preprocessing,
    string? Licence,
    string? Origin,
    string WeightsSha256
);
