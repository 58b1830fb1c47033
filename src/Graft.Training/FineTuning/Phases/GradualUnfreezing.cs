using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.FineTuning;

/// <summary>
/// The body is unfrozen from its end on, step by step (Howard and Ruder 2018, section 3.3): each step trains three
/// times the work of the one before, until the validation loss stops falling.
/// </summary>
internal static class GradualUnfreezing
{
    private const int MostSteps = 4;
    private const int Patience = 2; // epochs without a lower validation loss end a step

    /// <summary>The cuts at which a body is unfrozen down to one: that one alone, or those behind it first.</summary>
    /// <param name="cuts">Of the body, input first.</param>
    public static IReadOnlyList<CutPoint> Steps(IReadOnlyList<CutPoint> cuts, CutPoint cut, Unfreezing how)
    {
        List<CutPoint> steps = [cut];
        while (
            how == Unfreezing.Progressive
            && steps.Count < MostSteps
            && CutSelector.Later(cuts, steps[0]) is CutPoint later
        )
        {
            steps.Insert(0, later);
        }

        return steps;
    }

    /// <summary>
    /// A plan as one a step. The epochs are shared: each step but the last has half of those that are left, and one at
    /// least.
    /// </summary>
    public static IEnumerable<EpochLoopPlan> Divide(EpochLoopPlan plan, IReadOnlyList<CutPoint> steps)
    {
        CutPoint[] taken = [.. steps.TakeLast(Math.Max(1, plan.Epochs))];
        int left = plan.Epochs;
        for (int i = 0; i < taken.Length; i++)
        {
            int after = taken.Length - 1 - i;
            int own = after == 0 ? left : Math.Max(1, Math.Min(left / 2, left - after));
            left -= own;
            yield return plan with
            {
                Cut = taken[i],
                Epochs = own,
                Patience = after == 0 ? plan.Patience : Math.Min(Patience, plan.Patience),
            };
        }
    }
}
