namespace Graft.Training.Metrics;

/// <summary>
/// The binomial distribution's tail, by summing it in logarithms: exact to rounding for the counts that image sets
/// have.
/// </summary>
internal static class Binomial
{
    /// <summary>
    /// The probability of at most <paramref name="hits"/> in <paramref name="count"/> draws of probability
    /// <paramref name="share"/>.
    /// </summary>
    public static double AtMost(int hits, int count, double share)
    {
        if (hits >= count || share <= 0)
        {
            return 1;
        }

        if (hits < 0 || share >= 1)
        {
            return 0;
        }

        double odds = Math.Log(share) - Math.Log(1 - share);
        double term = count * Math.Log(1 - share); // of 0 hits
        double sum = Math.Exp(term);
        for (int k = 0; k < hits; k++)
        {
            term += Math.Log((double)(count - k) / (k + 1)) + odds;
            sum += Math.Exp(term);
        }

        return Math.Min(1, sum);
    }

    /// <summary>
    /// The largest share under which so few hits are still as likely as 1 - <paramref name="confidence"/> (Clopper and
    /// Pearson, Biometrika 26, 1934).
    /// </summary>
    public static double UpperBound(int hits, int count, double confidence)
    {
        if (hits >= count)
        {
            return 1;
        }

        double low = (double)hits / count;
        double high = 1;
        for (int i = 0; i < 60; i++) // halves the range each time: to the precision of a double
        {
            double middle = (low + high) / 2;
            (low, high) = AtMost(hits, count, middle) > 1 - confidence ? (middle, high) : (low, middle);
        }

        return high;
    }
}
