using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Training.Bodies;

/// <summary>What was found in a foreign network, and why: the report of `graft bodies import`.</summary>
/// <param name="FeatureShape">Of one image at the feature edge.</param>
/// <param name="Untrainable">Nodes that training cannot pass, in the graph's order.</param>
/// <param name="TrainableFrom">The first cut point from which on the body can be trained; null where the head alone can
/// be.</param>
/// <param name="Card">As stored beside the network.</param>
/// <param name="Path">Of the stored network.</param>
internal sealed record ImportedBody(
    ForeignBody Body,
    int Opset,
    IReadOnlyList<long> FeatureShape,
    IReadOnlyList<UntrainableNode> Untrainable,
    CutPoint? TrainableFrom,
    StoredCard Card,
    string Path
);

/// <summary>Makes a body of anybody's ONNX file and stores it with its card.</summary>
internal static class BodyImport
{
    /// <param name="name">Null: the file's.</param>
    /// <param name="recipe">A name or a JSON file; null: inferred from the network.</param>
    /// <param name="features">The edge where the body ends; null: found.</param>
    /// <param name="limits">What the file may ask for.</param>
    /// <exception cref="GraftException">The file is no body, its recipe cannot be told, or the name is
    /// taken.</exception>
    public static ImportedBody Run(
        BodyStore store,
        string path,
        string? name,
        string? recipe,
        string? features,
        string? licence,
        bool replace,
        Limits? limits = null
    )
    {
        string chosen = name ?? BodyStore.NameOf(path);
        store.CheckName(chosen, replace);
        ForeignBody body = ForeignBody.Read(
            path,
            features,
            recipe is null ? null : InputTransform.Parse(recipe),
            limits
        );
        if (body.IsRecipeAssumed)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be imported yet: nothing in it tells what its images were normalised with; state it with --input-recipe: {InputTransform.Choices}"
            );
        }

        OnnxModel model = body.Model;
        IReadOnlyList<CutPoint> cuts = CutPoints.Of(model, body.InputShape);
        Trainability support = new(model);
        CutPoint last = cuts[^1];
        StoredCard card = new(
            StoredCard.CurrentVersion,
            chosen,
            body.Seam.Edge,
            body.Seam.Kind,
            body.Seam.Why,
            body.Recipe,
            licence,
            Path.GetFileName(path),
            "",
            body.Sha256,
            last.ParametersBefore,
            last.MultiplyAddsBefore,
            last.Shape[0]
        );
        string stored = store.Save(chosen, model, hash => card with { Sha256 = hash }, replace);
        CutPoint? from = support.FirstTrainableCut(cuts, cuts[0].Edge);
        return new(
            body,
            model.Opset,
            last.Shape,
            [.. support.UntrainableNodes],
            from is { ParametersAfter: > 0 } ? from : null,
            card,
            stored
        );
    }
}
