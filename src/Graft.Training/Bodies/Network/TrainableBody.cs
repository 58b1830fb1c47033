using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A pretrained network without its head, ready for a new one.</summary>
/// <param name="Model">The graph up to <paramref name="Boundary"/>. Takes normalised images, N x 3 x H x W.</param>
/// <param name="Boundary">The edge at which the head was cut off.</param>
/// <param name="Card">Name, preprocessing, licence, origin and hash of the weights.</param>
internal sealed record TrainableBody(OnnxModel Model, FeatureBoundary Boundary, BodyDescription Card)
{
    /// <summary>The cards of the bodies that were joined, in the order in which they were named; else empty.</summary>
    public IReadOnlyList<BodyDescription> Branches { get; init; } = [];

    /// <summary>True where the graph holds several bodies side by side.</summary>
    public bool IsJoined => Branches.Count > 0;

    /// <summary>The bodies that the network was made from: one, or all that were joined.</summary>
    public IReadOnlyList<BodyDescription> Cards => IsJoined ? Branches : [Card];

    /// <summary>The part of the graph that ends at the boundary: of joined bodies the main branch.</summary>
    public OnnxModel MainModel => IsJoined ? Subgraph.Prefix(Model, Boundary.Edge) : Model;

    /// <summary>How images are prepared for this body.</summary>
    public Preprocessing Preprocessing => Card.Preprocessing;

    /// <summary>Shape of one image: 3 x H x W.</summary>
    public long[] InputShape => [3, Preprocessing.Height, Preprocessing.Width];

    /// <summary>Head of the earlier model that this training continues; null for any other body.</summary>
    public PreviousHead? PreviousHead { get; init; }

    /// <summary>Classifier from pretraining; null unless co-tuning needs it.</summary>
    public PretrainedHead? PretrainedHead { get; init; }

    /// <summary>Class names of the new training; empty until the data are read.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>How images may be prepared, where nothing in a foreign file tells it; null where it is known.</summary>
    public OpenTransform? OpenTransform { get; init; }

    /// <summary>True where the body is read from a file whose input transform the user may have to correct.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Warnings to show before the training.</summary>
    public IReadOnlyList<Notice> Warnings { get; init; } = [];

    /// <summary>The same body with another input transform, which is then known.</summary>
    /// <param name="transform">The transform; null leaves the body as it is.</param>
    /// <param name="fit">How images are fitted; null: as the transform says.</param>
    public TrainableBody With(NamedTransform? transform, ImageFit? fit) =>
        transform is null
            ? this
            : (this with { Card = Card with { Preprocessing = transform.Preprocessing }, OpenTransform = null }).With(
                fit
            );

    /// <summary>The same body with images fitted in another way; null leaves it as it is.</summary>
    public TrainableBody With(ImageFit? fit) =>
        fit is null ? this : this with { Card = Card with { Preprocessing = Preprocessing.With(fit).Checked() } };
}
