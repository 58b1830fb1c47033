using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>An image classifier from any ONNX file, as a body.</summary>
/// <param name="Network">The whole network in canonical form.</param>
/// <param name="Boundary">The edge at which its head is cut off.</param>
/// <param name="Preprocessing">How images are prepared for it.</param>
/// <param name="PreprocessingReason">How the preprocessing is known.</param>
/// <param name="IsPreprocessingAssumed">
/// Whether nothing in the file tells the preprocessing, and ImageNet's is assumed.
/// </param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
internal sealed record ForeignBody(
    ImportedNetwork Network,
    FeatureBoundary Boundary,
    Preprocessing Preprocessing,
    string PreprocessingReason,
    bool IsPreprocessingAssumed,
    string Sha256
)
{
    /// <summary>Shape of one image: 3 x H x W.</summary>
    public long[] InputShape => Network.InputShape;

    /// <summary>The network up to its feature edge.</summary>
    public OnnxModel Model => Subgraph.Prefix(Network.Model, Boundary.Edge);

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="features">The edge at which the head is cut off; null finds it.</param>
    /// <param name="transform">The stated input transform; null infers it, or else assumes ImageNet's.</param>
    /// <param name="limits">Largest file and graph that are accepted; null uses the defaults.</param>
    /// <param name="side">
    /// Side of the square input in pixels, for a network that leaves it open; null uses the transform's size or the
    /// default.
    /// </param>
    /// <exception cref="GraftException">
    /// The file is not ONNX, the network takes no images, or no classifier is found in it.
    /// </exception>
    public static ForeignBody Read(
        string path,
        string? features,
        InputTransform? transform,
        Limits? limits = null,
        int? side = null
    )
    {
        ImageSize? size = side is int one ? new(one, one) : transform?.InputSize;
        ImportedNetwork network = OnnxImport.Read(path, transform?.IsChannelsLast, size, limits?.Onnx);
        (int height, int width) = (network.Input.Height, network.Input.Width);
        if (transform?.InputSize is (int h, int w) && (h, w) != (height, width))
        {
            throw new OnnxException(
                path,
                $"it takes images of {height} x {width}, and the input transform states {h} x {w}; correct its size"
            );
        }

        FeatureBoundary boundary = features is null
            ? FindBoundary(network, path)
            : FeatureBoundary.FromEdge(network.Model, features, network.InputShape);
        OnnxImport.RequireDynamicBatch(network, boundary.Edge, path);
        (Preprocessing preprocessing, string reason, bool isAssumed) = PreprocessingOf(network, transform);
        return new(network, boundary, preprocessing, reason, isAssumed, BodyLoader.Hash(path));
    }

    /// <summary>The body for a training, with the transforms to try where its preprocessing is not known.</summary>
    /// <param name="path">The file that the body was read from.</param>
    public TrainableBody ToTrainableBody(string path)
    {
        BodyDescription card = new(Path.GetFileNameWithoutExtension(path), Preprocessing, null, null, Sha256);
        string name = Printable.Text(path);
        List<Notice> warnings = [];
        if (Network.Input.IsSizeAssumed)
        {
            string text =
                $"'{name}' leaves height and width open: {Preprocessing.Width} x {Preprocessing.Height} pixels are "
                + "used; state the input size of its pretraining.";
            warnings.Add(Assumption(text, nameof(BodySource.InputSize)));
        }

        return new(Model, Boundary, card)
        {
            Warnings = warnings,
            IsForeign = true,
            OpenTransform = IsPreprocessingAssumed ? OpenTransformOf(name) : null,
        };
    }

    private OpenTransform OpenTransformOf(string name)
    {
        ImageInput input = Network.Input;
        string text =
            $"'{name}' does not say how its images were normalised: ImageNet's mean and deviation are assumed; "
            + $"state its input transform: {InputTransform.Choices}.";
        return new(
            [
                .. InputTransform.Names.Select(one => new NamedTransform(
                    one,
                    InputTransform.Parse(one).ToPreprocessing(input.Height, input.Width, input.IsGrey)
                )),
            ],
            Assumption(text, nameof(BodySource.InputTransform))
        );
    }

    private static Notice Assumption(string text, string property) =>
        new(text, IsWarning: true) { Option = $"{nameof(TrainingOptions.Body)}.{property}" };

    private static FeatureBoundary FindBoundary(ImportedNetwork network, string path)
    {
        try
        {
            return FeatureBoundary.Find(network.Model, network.InputShape);
        }
        catch (OnnxException error)
        {
            // The message names the graph, which says nothing to the user: name the file instead.
            throw new OnnxException(path, error.Reason, error)
            {
                Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.FeatureEdge)}",
            };
        }
    }

    private static (Preprocessing Preprocessing, string Reason, bool IsAssumed) PreprocessingOf(
        ImportedNetwork network,
        InputTransform? stated
    )
    {
        ImageInput input = network.Input;
        if (stated is not null)
        {
            return (stated.ToPreprocessing(input.Height, input.Width, input.IsGrey), "stated", false);
        }

        return InputTransformInference.Infer(network) is var (inferred, why)
            ? (inferred.Checked(), why, false)
            : (
                InputTransform.Parse("imagenet").ToPreprocessing(input.Height, input.Width, input.IsGrey),
                "assumed, because nothing in the file tells it",
                true
            );
    }
}
