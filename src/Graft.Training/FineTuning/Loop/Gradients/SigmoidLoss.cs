using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Training.FineTuning;

/// <summary>
/// Losses of independent classes. Each returns the loss of every image and class, [N,C], in nats. The training sums
/// them over the classes, so that the gradient of a logit has the size that it has in a softmax.
/// </summary>
internal static class SigmoidLoss
{
    /// <summary>Binary cross-entropy.</summary>
    /// <param name="logits">[N,C].</param>
    /// <param name="targets">1 where an image has a class and 0 elsewhere, [N,C], of the logits' type.</param>
    /// <param name="smoothing">Share of a target that moves to one half, 0 to 1.</param>
    /// <param name="positiveWeights">Factor of each class's positives, [C]. Null: 1.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets, double smoothing, Tensor? positiveWeights)
    {
        Tensor smoothed = smoothing == 0 ? targets : targets.Times(1 - smoothing).Plus(smoothing / 2); // [N,C]
        return functional.binary_cross_entropy_with_logits(
            logits,
            smoothed,
            reduction: Reduction.None,
            pos_weights: positiveWeights
        );
    }

    /// <summary>
    /// The asymmetric loss (Ridnik et al., Asymmetric Loss for Multi-Label Classification, ICCV 2021, equation 5): easy
    /// negatives count little, and those below the margin not at all.
    /// </summary>
    /// <param name="logits">[N,C].</param>
    /// <param name="targets">1 where an image has a class and 0 elsewhere, [N,C], of the logits' type.</param>
    /// <param name="positiveFocus">Focusing exponent of positives, 0 or more.</param>
    /// <param name="negativeFocus">Focusing exponent of negatives, 0 or more.</param>
    /// <param name="margin">What is subtracted from the probability of negatives, 0 to 1.</param>
    public static Tensor Asymmetric(
        Tensor logits,
        Tensor targets,
        double positiveFocus,
        double negativeFocus,
        double margin
    )
    {
        Tensor probabilities = logits.sigmoid(); // [N,C]
        Tensor shifted = probabilities.Plus(-margin).clamp_min(Held(0.0)); // [N,C]
        Tensor ofPositives = functional.logsigmoid(logits);
        // 1 - p is at least the margin, so that its logarithm is finite
        Tensor ofNegatives = margin == 0 ? functional.logsigmoid(logits.neg()) : shifted.neg().Plus(1.0).log(); // [N,C]
        Tensor positives = ofPositives.mul(probabilities.neg().Plus(1.0).pow(Held(positiveFocus)));
        Tensor negatives = ofNegatives.mul(shifted.pow(Held(negativeFocus)));
        Tensor others = targets.neg().Plus(1.0); // [N,C]
        return targets.mul(positives).Plus(others.mul(negatives)).neg();
    }
}
