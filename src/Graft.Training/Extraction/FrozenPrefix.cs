using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>The graph from pixels to the features and the cuts.</summary>
/// <param name="Network">
/// Normalisation, frozen layers and pooling. Its outputs are the features, the cuts in order and, where
/// <paramref name="FlatLength"/> is not null, the last map.
/// </param>
/// <param name="FeatureCount">Number of features of an image.</param>
/// <param name="Channels">Channels of the body's last map, or values of its last vector.</param>
/// <param name="FlatLength">Number of values of the last map where a head may flatten it; otherwise null.</param>
internal sealed record FrozenPrefix(OnnxModel Network, int FeatureCount, int Channels, int? FlatLength)
{
    /// <summary>Cuts the frozen part out of a body.</summary>
    public static FrozenPrefix Of(TrainableBody body, IReadOnlyList<CutPoint> cuts, Pooling pooling)
    {
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Boundary, pooling);
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            pooled,
            [HeadBuilder.Features, body.Boundary.Edge],
            1,
            body.InputShape
        );
        int? flat = pooling == Pooling.Auto ? FlatMap.LengthOf(body, shapes[body.Boundary.Edge]) : null;
        string[] edges =
        [
            HeadBuilder.Features,
            .. cuts.Select(cut => cut.Edge),
            .. flat is null ? [] : (string[])[body.Boundary.Edge],
        ];
        long features = shapes[HeadBuilder.Features][1..].Aggregate(1L, (product, d) => product * d);
        return new(
            Normalisation.Prepend(Subgraph.Prefix(pooled, edges), body.Preprocessing),
            checked((int)features),
            (int)shapes[body.Boundary.Edge][1],
            flat
        );
    }

    /// <summary>The groups of columns in a row of features.</summary>
    public FeatureLayout LayoutOf(FeatureBoundary boundary, Pooling pooling)
    {
        if (boundary.Kind == FeatureKind.Vector || pooling == Pooling.Flatten)
        {
            return new(FeatureCount, 0, 0);
        }

        int largest = pooling is Pooling.Auto or Pooling.AverageAndMax ? Channels : 0;
        return new(Channels, FeatureCount - Channels - largest, largest);
    }
}
