using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Training.Bodies;

/// <summary>Findings about an imported network: the report of `graft bodies import`.</summary>
/// <param name="Body">The network, its feature edge and its preprocessing.</param>
/// <param name="Opset">ONNX operator set of the stored file.</param>
/// <param name="FeatureShape">Shape of one image's features at the feature edge.</param>
/// <param name="Untrainable">Nodes that training cannot pass, in the graph's order.</param>
/// <param name="TrainableFrom">
/// The first cut point from which the rest of the body can be trained; null where only a head can be.
/// </param>
/// <param name="Card">The card stored beside the network.</param>
/// <param name="Path">Path of the stored network.</param>
internal sealed record ImportedBody(
    ForeignBody Body,
    int Opset,
    IReadOnlyList<long> FeatureShape,
    IReadOnlyList<UntrainableNode> Untrainable,
    CutPoint? TrainableFrom,
    StoredCard Card,
    string Path
);

/// <summary>Makes a body from any ONNX file and stores it with its card.</summary>
internal static class BodyImport
{
    /// <summary>Reads, checks and stores a network.</summary>
    /// <param name="store">Where the body is stored.</param>
    /// <param name="path">The ONNX file.</param>
    /// <param name="name">Name of the body; null takes the file's name.</param>
    /// <param name="transform">
    /// The input transform: a preset's name or a JSON file; null infers it from the network.
    /// </param>
    /// <param name="features">The edge where the body ends; null finds it.</param>
    /// <param name="licence">Licence of the weights, for the card; null where unknown.</param>
    /// <param name="replace">Whether a stored body of the same name is overwritten.</param>
    /// <param name="limits">Largest file and graph that are accepted; null uses the defaults.</param>
    /// <exception cref="GraftException">
    /// The file cannot be a body, its preprocessing is neither stated nor found, or the name is taken.
    /// </exception>
    public static ImportedBody Run(
        BodyStore store,
        string path,
        string? name,
        string? transform,
        string? features,
        string? licence,
        bool replace,
        Limits? limits = null
    )
    {
        string chosen = name ?? BodyStore.NameFromPath(path);
        store.CheckName(chosen, replace);
        InputTransform? stated = transform is null ? null : InputTransform.Parse(transform);
        ForeignBody body = ForeignBody.Read(path, features, stated, limits);
        if (body.IsPreprocessingAssumed)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be imported: nothing in it tells how its images were normalised; "
                    + $"state its input transform: {InputTransform.Choices}"
            )
            {
                Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.InputTransform)}",
            };
        }

        OnnxModel model = body.Model;
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(model, body.InputShape);
        Trainability support = new(model);
        StoredCard card = CardOf(body, chosen, licence, Path.GetFileName(path), cuts[^1]);
        string stored = store.Save(chosen, model, hash => card with { Sha256 = hash }, replace);
        CutPoint? from = support.FirstTrainableCut(cuts, cuts[0].Edge);
        return new(
            body,
            model.Opset,
            cuts[^1].Shape,
            [.. support.UntrainableNodes],
            from is { ParametersAfter: > 0 } ? from : null,
            card,
            stored
        );
    }

    private static StoredCard CardOf(ForeignBody body, string name, string? licence, string origin, CutPoint last) =>
        new(
            StoredCard.CurrentVersion,
            name,
            body.Boundary.Edge,
            body.Boundary.Kind,
            body.Boundary.Reason,
            body.Preprocessing,
            licence,
            origin,
            Sha256: "",
            body.Sha256,
            last.ParametersBefore,
            last.MultiplyAddsBefore,
            last.Shape[0]
        );
}
