using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Training.FineTuning;

/// <summary>
/// What a step makes smaller: the cross-entropy of the new classes and, where there is co-tuning, that of the old ones.
/// </summary>
/// <param name="relation">[C,S]: what the old head is to answer to an image of each new class; null: there is no
/// co-tuning.</param>
internal sealed class TailLoss(EpochLoopPlan plan, Tensor? relation)
{
    /// <param name="outputs">Logits of the new head [N,C] and, with co-tuning, of the old one [N,S].</param>
    /// <param name="labels">[N] int64.</param>
    /// <param name="weights">[N]: each image's factor; null: one each.</param>
    /// <returns>The mean over the images of all that is to fall, and of the new classes' part alone: only that can be
    /// compared with guessing.</returns>
    public (Tensor Total, Tensor Own) Of(IReadOnlyList<Tensor> outputs, Tensor labels, Tensor? weights)
    {
        Tensor own = Mean(outputs[0], labels, plan.LabelSmoothing, weights);
        if (relation is null)
        {
            return (own, own);
        }

        Tensor old = Mean(outputs[1], relation.index_select(0, labels), 0, weights); // targets [N,S]
        return (own.Plus(old.Times(plan.CoTuning!.Factor)), own);
    }

    private static Tensor Mean(Tensor logits, Tensor targets, double smoothing, Tensor? weights) =>
        weights is null
            ? functional.cross_entropy(logits, targets, label_smoothing: smoothing)
            : functional
                .cross_entropy(logits, targets, reduction: Reduction.None, label_smoothing: smoothing)
                .mul(weights)
                .mean();
}
