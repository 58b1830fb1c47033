using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>The graph from pixels to the features and the cuts.</summary>
/// <param name="Network">
/// Normalisation, frozen layers and pooling. Its outputs are the features, the cuts in order and, where
/// <paramref name="FlatLength"/> is not null, the last map.
/// </param>
/// <param name="Layout">The groups of columns in a row of features.</param>
/// <param name="FlatLength">Number of values of the last map where a head may flatten it; otherwise null.</param>
internal sealed record FrozenPrefix(OnnxModel Network, FeatureLayout Layout, int? FlatLength)
{
    /// <summary>Cuts the frozen part out of a body.</summary>
    public static FrozenPrefix Of(TrainableBody body, IReadOnlyList<CutPoint> cuts, Pooling pooling)
    {
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Boundary, pooling);
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            pooled,
            [
                HeadBuilder.Features,
                .. JoinedPooling
                    .BranchesOf(body.Boundary)
                    .SelectMany(one => one.StageEdges.Prepend(one.Edge).Concat(JoinedVectors(body, one))),
            ],
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
        return new(
            Normalisation.Prepend(Subgraph.Prefix(pooled, edges), body.Preprocessing),
            LayoutOf(body, pooling, shapes),
            flat
        );
    }

    /// <summary>Number of features of an image.</summary>
    public int FeatureCount => Layout.Averages.Sum() + Layout.OfStages.Sum() + Layout.Largest.Sum();

    // Of a transformer: the class token and the mean of the patch tokens. Each is a group of its own.
    private static string[] JoinedVectors(TrainableBody body, FeatureBoundary branch) =>
        branch.Kind == FeatureKind.Vector
        && new OnnxGraph(body.Model).ProducerOf(branch.Edge) is NodeProto { OpType: "Concat" } node
            ? [.. node.Input]
            : [];

    private static FeatureLayout LayoutOf(
        TrainableBody body,
        Pooling pooling,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        FeatureBoundary[] branches = JoinedPooling.BranchesOf(body.Boundary);
        IEnumerable<int> GroupsOf(FeatureBoundary one) =>
            JoinedVectors(body, one) is { Length: > 1 } joined && joined.All(edge => shapes[edge].Length == 2)
                ? joined.Select(edge => (int)shapes[edge][1])
                : [WidthOf(one)];
        if (branches is [{ Kind: FeatureKind.Vector }])
        {
            return new([.. GroupsOf(branches[0])], [], []);
        }

        if (pooling == Pooling.Flatten)
        {
            return FeatureLayout.Of(LengthOf(shapes[HeadBuilder.Features]));
        }

        bool isAuto = pooling == Pooling.Auto;
        int WidthOf(FeatureBoundary one) =>
            one.Kind == FeatureKind.Map ? (int)shapes[one.Edge][1] : LengthOf(shapes[one.Edge]);
        return new(
            [.. branches.SelectMany(GroupsOf)],
            isAuto || pooling == Pooling.Stages
                ? [.. branches.SelectMany(one => one.StageEdges).Select(edge => (int)shapes[edge][1])]
                : [],
            isAuto || pooling == Pooling.AverageAndMax
                ? [.. branches.Where(one => one.Kind == FeatureKind.Map).Select(WidthOf)]
                : []
        );
    }

    private static int LengthOf(long[] shape) => (int)shape[1..].Aggregate(1L, (product, d) => product * d);
}
