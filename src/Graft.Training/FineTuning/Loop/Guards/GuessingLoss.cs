using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>The loss of a classifier that has learnt nothing but the class frequencies.</summary>
internal static class GuessingLoss
{
    /// <summary>
    /// Mean loss, in nats, of answering every image with the class frequencies: the entropy of the smoothed labels.
    /// </summary>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="smoothing">Label smoothing, 0..1.</param>
    /// <param name="balance">How classes are balanced. Balanced classes are all equally likely.</param>
    public static double Of(TrueLabels labels, int classCount, double smoothing, Balance balance = Balance.None)
    {
        if (labels.AreSets)
        {
            return Enumerable
                .Range(0, classCount)
                .Sum(c => Entropy(((1 - smoothing) * labels.PositivesOf(c) / labels.Count) + (smoothing / 2)));
        }

        if (balance != Balance.None)
        {
            return Math.Log(classCount);
        }

        double[] shares = new double[classCount];
        foreach (int label in labels.Numbers)
        {
            shares[label] += (1 - smoothing) / labels.Count;
        }

        return shares
            .Select(share => share + (smoothing / classCount))
            .Where(share => share > 0)
            .Sum(share => -share * Math.Log(share));
    }

    // of a class that this share of the images has, in nats
    private static double Entropy(double share) =>
        share is <= 0 or >= 1 ? 0 : (-share * Math.Log(share)) - ((1 - share) * Math.Log(1 - share));
}
