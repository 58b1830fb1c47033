namespace Graft.Training.FineTuning;

/// <summary>The loss of a classifier that has learnt nothing but the class frequencies.</summary>
internal static class GuessingLoss
{
    /// <summary>
    /// Mean loss, in nats, of answering every image with the class frequencies: the entropy of the smoothed labels.
    /// </summary>
    /// <param name="labels">Class numbers, counted from 0.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="smoothing">Label smoothing, 0..1.</param>
    /// <param name="balance">How classes are balanced. Balanced classes are all equally likely.</param>
    public static double Of(IReadOnlyList<int> labels, int classCount, double smoothing, Balance balance = Balance.None)
    {
        if (balance != Balance.None)
        {
            return Math.Log(classCount);
        }

        double[] shares = new double[classCount];
        foreach (int label in labels)
        {
            shares[label] += (1 - smoothing) / labels.Count;
        }

        return shares
            .Select(share => share + (smoothing / classCount))
            .Where(share => share > 0)
            .Sum(share => -share * Math.Log(share));
    }
}
