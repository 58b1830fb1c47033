using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.FineTuning;

/// <summary>
/// Unfreezes the body step by step, from its end on (Howard and Ruder 2018, section 3.3). Each step trains about three
/// times the work of the one before, until the validation loss stops falling.
/// </summary>
internal static class GradualUnfreezing
{
    private const int MaxSteps = 4;
    private const int Patience = 2; // epochs without a lower validation loss, after which a step ends

    /// <summary>The cuts at which a body is unfrozen: the given one, and before it later ones.</summary>
    /// <param name="cuts">Edges of the body where the trained part may begin, input first.</param>
    /// <param name="cut">The last step.</param>
    /// <param name="how">Whether there is more than one step.</param>
    public static IReadOnlyList<CutPoint> Steps(IReadOnlyList<CutPoint> cuts, CutPoint cut, Unfreezing how)
    {
        List<CutPoint> steps = [cut];
        while (
            how == Unfreezing.Progressive
            && steps.Count < MaxSteps
            && CutSelector.ThatTrainsLess(cuts, steps[0]) is CutPoint less
        )
        {
            steps.Insert(0, less);
        }

        return steps;
    }

    /// <summary>
    /// Divides a phase into one per step. Each step but the last gets half of the remaining epochs, and at least one.
    /// </summary>
    /// <param name="plan">The whole phase.</param>
    /// <param name="steps">The cuts, from the last layers on.</param>
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
