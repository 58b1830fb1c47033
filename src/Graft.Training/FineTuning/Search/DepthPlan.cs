using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// How deep a body may be trained; decided before the extraction, which fills the rows of every such cut in its one
/// pass.
/// </summary>
/// <param name="Cuts">Of the body, input first.</param>
/// <param name="Usual">Null: the head alone is trained.</param>
/// <param name="Search">Null: nothing else is tried.</param>
internal sealed record DepthPlan(
    IReadOnlyList<CutPoint> Cuts,
    Setting? Usual,
    SearchPlan? Search,
    Unfreezing Unfreezing
)
{
    /// <summary>The cuts at which rows are needed, the usual one first.</summary>
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

    /// <param name="cut">Where the trained part begins as a rule; null: the head alone is trained.</param>
    /// <param name="views">Random views an image.</param>
    public static DepthPlan Of(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        CutPoint? cut,
        TrainingData data,
        int views,
        TrainingOptions options
    )
    {
        if (cut is null)
        {
            return new(cuts, null, null, options.FineTune.Unfreezing);
        }

        (IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> judged) = ValidationScheme
            .Of(data, options)
            .FirstPart;
        SearchPlan? search = SearchPlan.Of(
            Candidates(body, cuts, cut, options),
            options.FineTune,
            FineTuningPlans.EpochsOf(options.FineTune, data.Train.Count),
            training.Count,
            judged.Count
        );
        double rows =
            ((1.0 + views) * data.Train.Count) + (data.Validation.Count * (data.HasOwnValidation ? 1 : 1.0 + views));
        double most = options.Budget is null
            ? SearchPlan.MaxWork(options.FineTune.Search, rows * cuts[^1].MultiplyAddsBefore)
            : double.PositiveInfinity; // a budget is kept to by the clock
        return new(
            cuts,
            new(cut, FineTuningPlans.RateOf(options.FineTune)),
            search?.LimitedTo(most),
            options.FineTune.Unfreezing
        );
    }

    /// <summary>The cuts at which the body is unfrozen down to one.</summary>
    public IReadOnlyList<CutPoint> UnfreezingSteps(CutPoint? cut) =>
        cut is null ? [] : GradualUnfreezing.Steps(Cuts, cut, Unfreezing);

    // A head that sees the ends of several stages needs them all behind the cut.
    private static List<CutPoint> Candidates(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        CutPoint cut,
        TrainingOptions options
    )
    {
        List<CutPoint> candidates = [cut];
        if (options.Train is not null || options.Head.Pooling == Pooling.Stages)
        {
            return candidates;
        }

        if (CutSelector.Later(cuts, cut) is CutPoint later)
        {
            candidates.Add(later);
        }

        if (
            options.FineTune.Search == SettingSearch.Deep
            && CutSelector.Deeper(cuts, cut) is CutPoint deeper
            && new Trainability(body).FirstUntrainableAfter(deeper.Edge) is null
        )
        {
            candidates.Add(deeper);
        }

        return candidates;
    }
}
