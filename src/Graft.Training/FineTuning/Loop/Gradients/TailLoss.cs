using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Training.FineTuning;

/// <summary>
/// The loss that a step reduces: the cross-entropy of the new classes and, with co-tuning, that of the old ones.
/// </summary>
/// <param name="plan">Settings of the phase.</param>
/// <param name="relation">[C,S]: probabilities of the old classes for an image of each new class, the targets of the
/// old head. Null: there is no co-tuning.</param>
internal sealed class TailLoss(EpochLoopPlan plan, Tensor? relation)
{
    // what the paper uses for images of few labels out of many
    private const double PositiveFocus = 0;
    private const double NegativeFocus = 4;
    private const double Margin = 0.05;

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="outputs">Logits of the new head [N,C] and, with co-tuning, of the old one [N,S].</param>
    /// <param name="labels">[N] int64; or [N,C] where an image may have several classes.</param>
    /// <param name="weights">[N] or, with several classes, [N,C]: factor of each loss. Null: 1.</param>
    /// <returns>Mean total loss, and mean loss of the new classes alone, which is comparable with guessing.</returns>
    public (Tensor Total, Tensor Own) Of(IReadOnlyList<Tensor> outputs, Tensor labels, Tensor? weights)
    {
        if (labels.dim() == 2)
        {
            Tensor sum = SumOverClasses(outputs[0], labels, weights);
            return (sum, sum);
        }

        Tensor own = Mean(outputs[0], labels, plan.LabelSmoothing, weights);
        if (relation is null)
        {
            return (own, own);
        }

        Tensor old = Mean(outputs[1], relation.index_select(0, labels), 0, weights); // targets [N,S]
        return (own.Plus(old.Times(plan.CoTuning!.Factor)), own);
    }

    // Summed over the classes and averaged over the images: a logit's gradient then has the size that a softmax gives
    // it.
    private Tensor SumOverClasses(Tensor logits, Tensor labels, Tensor? weights)
    {
        Tensor targets = labels.to(logits.dtype); // [N,C]
        Tensor losses =
            plan.Loss == LabelLoss.Asymmetric
                ? SigmoidLoss.Asymmetric(logits, targets, PositiveFocus, NegativeFocus, Margin)
                : SigmoidLoss.CrossEntropy(logits, targets, plan.LabelSmoothing, null); // [N,C]
        return (weights is null ? losses : losses.mul(weights)).sum([1L]).mean();
    }

    private static Tensor Mean(Tensor logits, Tensor targets, double smoothing, Tensor? weights) =>
        weights is null
            ? functional.cross_entropy(logits, targets, label_smoothing: smoothing)
            : functional
                .cross_entropy(logits, targets, reduction: Reduction.None, label_smoothing: smoothing)
                .mul(weights)
                .mean();
}
