using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Anybody's ONNX classifier as a body.</summary>
/// <param name="Network">The whole network, made regular.</param>
/// <param name="Seam">Where its head is cut off.</param>
/// <param name="Recipe">What it was trained with.</param>
/// <param name="RecipeWhy">How that is known.</param>
/// <param name="IsRecipeAssumed">Nothing said it: ImageNet's was taken.</param>
/// <param name="Sha256">Of the file.</param>
internal sealed record ForeignBody(
    ImportedNetwork Network,
    FeatureSeam Seam,
    Preprocessing Recipe,
    string RecipeWhy,
    bool IsRecipeAssumed,
    string Sha256
)
{
    /// <summary>3 x H x W.</summary>
    public long[] InputShape => Network.InputShape;

    /// <summary>The network up to its feature edge.</summary>
    public OnnxModel Model => GraphEdit.Prefix(Network.Model, Seam.Edge);

    /// <summary>Reads and checks a file.</summary>
    /// <param name="features">The edge at which its head is cut off; null: found.</param>
    /// <param name="recipe">The user's word; null: inferred, or assumed to be ImageNet's.</param>
    /// <exception cref="GraftException">It is not ONNX, takes no images, or no classifier is found in it.</exception>
    public static ForeignBody Read(string path, string? features, InputTransform? recipe, Limits? limits = null)
    {
        ImportedNetwork network = OnnxImport.Read(path, recipe?.IsChannelsLast, recipe?.Side, limits?.Onnx);
        if (recipe?.Side is (int height, int width) && (height != network.Input.Height || width != network.Input.Width))
        {
            throw new OnnxException(
                path,
                $"it takes images of {network.Input.Height} x {network.Input.Width} and the recipe says {height} x {width}; correct the recipe's size"
            );
        }

        FeatureSeam seam = features is null
            ? Found(network, path)
            : FeatureSeam.At(network.Model, features, network.InputShape);
        OnnxImport.RequireFreeBatch(network, seam.Edge, path);
        (Preprocessing value, string why, bool isAssumed) = RecipeOf(network, recipe);
        return new(network, seam, value, why, isAssumed, BodyLoader.Hash(path));
    }

    /// <summary>
    /// Reads a file for training: where nothing tells the recipe it is ImageNet's, and a warning says so.
    /// </summary>
    public static TrainableBody Load(string path, TrainingOptions options)
    {
        ForeignBody body = Read(
            path,
            options.FeatureEdge,
            options.InputTransform is null ? null : InputTransform.Parse(options.InputTransform),
            options.Limits
        );
        BodyDescription card = new(Path.GetFileNameWithoutExtension(path), body.Recipe, null, null, body.Sha256);
        string name = Printable.Text(path);
        string[] warnings = body.IsRecipeAssumed
            ?
            [
                $"'{name}' does not say what its images were normalised with: ImageNet's mean and deviation are assumed; state it with --input-recipe ({InputTransform.Choices}).",
            ]
            : [];
        return new TrainableBody(body.Model, body.Seam, card) { Warnings = warnings }.With(body.Network.Model, options);
    }

    private static FeatureSeam Found(ImportedNetwork network, string path)
    {
        try
        {
            return FeatureSeam.Find(network.Model, network.InputShape);
        }
        catch (OnnxException error)
        {
            string reason = error.Message[
                (error.Message.IndexOf("' cannot be used: ", StringComparison.Ordinal) + "' cannot be used: ".Length)..
            ];
            throw new OnnxException(path, reason, error); // the graph's own name says nothing to the user
        }
    }

    private static (Preprocessing Recipe, string Why, bool IsAssumed) RecipeOf(
        ImportedNetwork network,
        InputTransform? stated
    )
    {
        (int height, int width) = (network.Input.Height, network.Input.Width);
        if (stated is not null)
        {
            return (stated.For(height, width), "stated by --input-recipe", false);
        }

        return InputTransformInference.Infer(network) is var (inferred, why)
            ? (inferred.Checked(), why, false)
            : (InputTransform.Parse("imagenet").For(height, width), "assumed: nothing in the file tells", true);
    }
}
