using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Bodies;

/// <summary>The head of an earlier model, for the classes of a new training.</summary>
/// <param name="Classes">Of the earlier model.</param>
/// <param name="Layer">On the body's features as the earlier model pooled them, a row a class; null where it was not
/// one linear layer.</param>
internal sealed record PreviousHead(IReadOnlyList<string> Classes, LinearLayer? Layer, Pooling Pooling)
{
    /// <summary>
    /// A head for <paramref name="classes"/>: the earlier rows of those that it knew, the probe's of the others.
    /// </summary>
    /// <param name="probe">On the same features, a row a class of <paramref name="classes"/>.</param>
    /// <returns>Null where there are no such rows.</returns>
    public LinearLayer? With(LinearLayer probe, IReadOnlyList<string> classes)
    {
        if (Layer is null || Layer.FeatureCount != probe.FeatureCount || classes.Count != probe.ClassCount)
        {
            return null;
        }

        double[] weight = (double[])probe.Weight.Clone();
        double[] bias = (double[])probe.Bias.Clone();
        for (int c = 0; c < classes.Count; c++)
        {
            int old = 0;
            while (old < Classes.Count && Classes[old] != classes[c])
            {
                old++;
            }

            if (old < Classes.Count)
            {
                Layer
                    .Weight.AsSpan(old * Layer.FeatureCount, Layer.FeatureCount)
                    .CopyTo(weight.AsSpan(c * probe.FeatureCount));
                bias[c] = Layer.Bias[old];
            }
        }

        return probe with
        {
            Weight = weight,
            Bias = bias,
        };
    }
}

/// <summary>
/// A model that Graft has trained, as the body of a further training: normalisation, head and all behind it are taken
/// off again.
/// </summary>
internal static class PreviousModel
{
    private const string Centred = "graft.normalisation.centred";
    private static readonly Pooling[] s_pools = [Pooling.Average, Pooling.AverageAndMax, Pooling.Stages];

    /// <summary>The model's file: `--from` names it, or the run's folder that holds it.</summary>
    public static string FileOf(string from) => Directory.Exists(from) ? Path.Combine(from, "model.onnx") : from;

    /// <exception cref="GraftException">It is no model of Graft's.</exception>
    public static TrainableBody Load(string from)
    {
        string path = FileOf(from);
        OnnxModel model = OnnxModel.Load(path);
        ModelCard card = ModelCard.Parse(model.MetadataValue(ModelCard.MetadataKey), path);
        OnnxGraph graph = new(model);
        NodeProto features = graph.ProducerOf(HeadBuilder.Features) ?? throw NoHead(path);
        Pooling pooling = s_pools.FirstOrDefault(
            pooling => HeadBuilder.PoolsOf(pooling) == features.Input[0],
            Pooling.Flatten
        );
        string edge = (
            pooling == Pooling.Flatten
                ? features
                : graph.ProducerOf(HeadBuilder.PoolsOf(Pooling.Average)) ?? throw NoHead(path)
        ).Input[0];
        string normalised = model.Graph.Node.FirstOrDefault(node => node.Input.FirstOrDefault() == Centred)?.Output[0]
            ?? throw NoHead(path);
        long[] shape = [3, card.Preprocessing.Height, card.Preprocessing.Width];
        OnnxModel body = GraphEdit.Tail(GraphEdit.Prefix(model, edge), normalised, shape);
        return new(
            body,
            FeatureSeam.At(body, edge, shape),
            new(card.Body.Name, card.Preprocessing, card.Body.License, card.Body.Origin, BodyLoader.Hash(path))
        )
        {
            Earlier = new(card.Labels, LayerOf(model, card), pooling),
        };
    }

    private static LinearLayer? LayerOf(OnnxModel model, ModelCard card)
    {
        Dictionary<string, TensorProto> weights = model
            .Graph.Initializer.Where(one => one.Name.StartsWith(HeadBuilder.Prefix, StringComparison.Ordinal))
            .ToDictionary(one => one.Name);
        bool isLinear =
            weights.Count == 2
            && weights.ContainsKey(HeadBuilder.Prefix + "0.weight")
            && weights.ContainsKey(HeadBuilder.Prefix + "0.bias");
        return
            isLinear
            && weights[HeadBuilder.Prefix + "0.weight"] is { Dims: [long classes, long features] } weight
            && classes == card.Labels.Count
            ? new((int)classes, (int)features, Doubles(weight), Doubles(weights[HeadBuilder.Prefix + "0.bias"]))
            : null;

        static double[] Doubles(TensorProto tensor) =>
            Array.ConvertAll(TensorData.ToSingles(tensor), value => (double)value);
    }

    private static GraftException NoHead(string path) =>
        new(
            $"'{Printable.Text(path)}' cannot be continued: it has no head of Graft's; name a model.onnx that graft train has made, or its run's folder"
        );
}
