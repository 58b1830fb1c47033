using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>The edges where a body, and each branch of joined bodies, can be cut.</summary>
/// <param name="Main">
/// The edges where the trained part may begin, the input first. Of joined bodies they are the main branch's without the
/// input, which the other branches read too. An edge then carries the other branches' features as well, and the work
/// before it includes theirs.
/// </param>
/// <param name="Branches">The cut points of each branch alone, the main one first.</param>
internal sealed record BranchCuts(IReadOnlyList<CutPoint> Main, IReadOnlyList<IReadOnlyList<CutPoint>> Branches)
{
    /// <summary>Finds the cut points of a body.</summary>
    public static BranchCuts Of(TrainableBody body)
    {
        if (!body.IsJoined)
        {
            IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
            return new(cuts, [cuts]);
        }

        IReadOnlyList<CutPoint>[] branches =
        [
            .. JoinedPooling
                .BranchesOf(body.Boundary)
                .Select(branch => CutPoints.Find(Subgraph.Prefix(body.Model, branch.Edge), body.InputShape)),
        ];
        long parameters = branches.Skip(1).Sum(cuts => cuts[^1].ParametersBefore);
        long multiplyAdds = branches.Skip(1).Sum(cuts => cuts[^1].MultiplyAddsBefore);
        long held = branches.Skip(1).Sum(WidthOf);
        CutPoint[] main =
        [
            .. branches[0]
                .Skip(1)
                .Select(cut =>
                    cut with
                    {
                        Shape = [cut.ElementCount + held],
                        ParametersBefore = cut.ParametersBefore + parameters,
                        MultiplyAddsBefore = cut.MultiplyAddsBefore + multiplyAdds,
                    }
                ),
        ];
        return new(main, branches);
    }

    /// <summary>The body, of which some edges carry all data past them: those of joined bodies get joints.</summary>
    /// <param name="body">The body that was cut.</param>
    /// <param name="cuts">Some of <see cref="Main"/>.</param>
    public TrainableBody WithJoints(TrainableBody body, IReadOnlyList<CutPoint> cuts)
    {
        if (!body.IsJoined)
        {
            return body;
        }

        HashSet<string> edges = [.. cuts.Select(cut => cut.Edge)];
        return BranchJoints.At(
            body,
            [.. Branches[0].Where(cut => edges.Contains(cut.Edge))],
            [.. Branches.Skip(1).Select(WidthOf)]
        );
    }

    private static long WidthOf(IReadOnlyList<CutPoint> branch) =>
        branch[^1].Shape is [long channels, _, _] ? channels : branch[^1].ElementCount;

    /// <summary>The body with the stage ends that its head may see.</summary>
    /// <param name="body">The body that was cut.</param>
    /// <param name="from">
    /// Where the trained part begins. The head then sees no stage that ends earlier, nor one of another branch. Null:
    /// it sees all.
    /// </param>
    public TrainableBody WithStages(TrainableBody body, CutPoint? from)
    {
        CutPoint? own = from is null ? null : Branches[0].First(cut => cut.Edge == from.Edge);
        FeatureBoundary[] boundaries =
        [
            .. JoinedPooling
                .BranchesOf(body.Boundary)
                .Select(
                    (one, i) =>
                        one with
                        {
                            StageEdges = i > 0 && from is not null ? [] : StageEdges.Of(Branches[i], own),
                        }
                ),
        ];
        return body with { Boundary = boundaries[0] with { Beside = boundaries[1..] } };
    }
}
