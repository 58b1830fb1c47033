using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Bodies;

/// <summary>
/// Turns a model that Graft trained back into a body: removes the normalisation in front, the head and all behind it.
/// </summary>
internal static class PreviousModel
{
    private static readonly Pooling[] s_pools = [Pooling.Average, Pooling.AverageAndMax, Pooling.Stages];

    /// <summary>The model's file.</summary>
    /// <param name="from">The file itself, or the folder of the run that made it.</param>
    public static string FileOf(string from) => Directory.Exists(from) ? Path.Combine(from, "model.onnx") : from;

    /// <summary>
    /// Loads the body of an earlier model, with its head as <see cref="TrainableBody.PreviousHead"/>.
    /// </summary>
    /// <param name="from">The file itself, or the folder of the run that made it.</param>
    /// <param name="limits">Largest file and graph that are accepted; null: the defaults.</param>
    /// <exception cref="GraftException">The file is not a model that Graft trained.</exception>
    public static TrainableBody Load(string from, Limits? limits = null)
    {
        string path = FileOf(from);
        OnnxModel model = OnnxModel.Load(path, limits?.Onnx);
        ModelCard card = ModelCard.Parse(model.GetMetadata(ModelCard.MetadataKey), path);
        if (card.Bodies.Count > 1)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be continued: it was made from joined bodies; "
                    + "train them anew, or continue a model of one body"
            );
        }

        OnnxGraph graph = new(model);
        NodeProto features = graph.ProducerOf(HeadBuilder.Features) ?? throw NoHead(path);
        Pooling pooling = s_pools.FirstOrDefault(
            pooling => HeadBuilder.PooledEdge(pooling) == features.Input[0],
            Pooling.Flatten
        );
        NodeProto? firstOfHead =
            pooling == Pooling.Flatten ? features : graph.ProducerOf(HeadBuilder.PooledEdge(Pooling.Average));
        string edge = (firstOfHead ?? throw NoHead(path)).Input[0];
        string normalised = model
            .Graph.Node.FirstOrDefault(node => node.Input.FirstOrDefault() == Normalisation.CentredEdge)
            ?.Output[0]
            ?? throw NoHead(path);
        long[] shape = [3, card.Preprocessing.Height, card.Preprocessing.Width];
        OnnxModel body = Subgraph.Tail(Subgraph.Prefix(model, edge), normalised, shape);
        return new(
            body,
            FeatureBoundary.FromEdge(body, edge, shape),
            new(card.Body.Name, card.Preprocessing, card.Body.License, card.Body.Origin, BodyLoader.Hash(path))
        )
        {
            PreviousHead = new(card.Labels, LayerOf(model, card), pooling),
        };
    }

    private static LinearLayer? LayerOf(OnnxModel model, ModelCard card)
    {
        const string Weight = HeadBuilder.Prefix + "0.weight";
        const string Bias = HeadBuilder.Prefix + "0.bias";
        Dictionary<string, TensorProto> weights = model
            .Graph.Initializer.Where(one => one.Name.StartsWith(HeadBuilder.Prefix, StringComparison.Ordinal))
            .ToDictionary(one => one.Name);
        bool isLinear = weights.Count == 2 && weights.ContainsKey(Weight) && weights.ContainsKey(Bias);
        return
            isLinear
            && weights[Weight] is { Dims: [long classes, long features] } weight
            && classes == card.Labels.Count
            ? new((int)classes, (int)features, Doubles(weight), Doubles(weights[Bias]))
            : null;

        static double[] Doubles(TensorProto tensor) =>
            Array.ConvertAll(TensorValues.ToSingles(tensor), value => (double)value);
    }

    private static GraftException NoHead(string path) =>
        new(
            $"'{Printable.Text(path)}' cannot be continued: it has no head that Graft trained; "
                + "name the model.onnx of an earlier training, or the folder of its run"
        );
}
