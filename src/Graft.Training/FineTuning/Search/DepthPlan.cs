using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Data;
using Graft.Training.Extraction;

namespace Graft.Training.FineTuning;

/// <summary>
/// How deep a body may be trained. It is decided before the extraction, which fills the rows of every such cut in one
/// pass.
/// </summary>
/// <param name="Cuts">Edges of the body where the trained part may begin, input first.</param>
/// <param name="Usual">The default setting. Null: only the head is trained.</param>
/// <param name="Search">The settings to try. Null: only the default one is used.</param>
/// <param name="Unfreezing">In which order the trained layers begin to learn.</param>
internal sealed record DepthPlan(
    IReadOnlyList<CutPoint> Cuts,
    Setting? Usual,
    SearchPlan? Search,
    Unfreezing Unfreezing
)
{
    /// <summary>The cuts whose activations training may need, the default one first.</summary>
    public IReadOnlyList<CutPoint> NeededCuts =>
        Usual is null
            ? []
            :
            [
                .. (Search?.Settings ?? [])
                    .Prepend(Usual)
                    .Select(setting => setting.Cut)
                    .SelectMany(cut => UnfreezingSteps(cut).Reverse())
                    .DistinctBy(cut => cut.Edge),
            ];

    /// <param name="body">The network.</param>
    /// <param name="cuts">Edges where the trained part may begin, input first.</param>
    /// <param name="cut">The default among them. Null: only the head is trained.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="views">Random views of each training image.</param>
    /// <param name="request">What the user asks of depth and rate.</param>
    public static DepthPlan Of(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        CutPoint? cut,
        TrainingData data,
        int views,
        DepthRequest request
    )
    {
        if (cut is null)
        {
            return new(cuts, null, null, request.Unfreezing);
        }

        SearchPlan? search = SearchPlan.Of(Candidates(body, cuts, cut, request), request);
        double validationViews = data.HasOwnValidation ? 1 : 1.0 + views;
        double rows = ((1.0 + views) * data.Train.Count) + (data.Validation.Count * validationViews);
        double maxWork = request.HasTimeBudget
            ? double.PositiveInfinity
            : SearchPlan.MaxWork(request.Search, rows * cuts[^1].MultiplyAddsBefore);
        return new(
            cuts,
            new(cut, request.Rate) { Loss = request.Loss },
            search?.LimitedTo(maxWork),
            request.Unfreezing
        );
    }

    /// <summary>The cuts at which the body is unfrozen one after the other, down to the given one.</summary>
    public IReadOnlyList<CutPoint> UnfreezingSteps(CutPoint? cut) =>
        cut is null ? [] : GradualUnfreezing.Steps(Cuts, cut, Unfreezing);

    private static List<CutPoint> Candidates(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        CutPoint cut,
        DepthRequest request
    )
    {
        List<CutPoint> candidates = [cut];
        if (request.HasFixedCut)
        {
            return candidates;
        }

        if (CutSelector.ThatTrainsLess(cuts, cut) is CutPoint less)
        {
            candidates.Add(less);
        }

        if (
            request.Search == SettingSearch.Deep
            && CutSelector.ThatTrainsMore(cuts, cut) is CutPoint more
            && new Trainability(body).FirstUntrainableAfter(more.Edge) is null
        )
        {
            candidates.Add(more);
        }

        return candidates;
    }
}
