namespace Graft.Training.Probe;

/// <summary>
/// Finds a step that meets the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, section 3.1) on a
/// convex function of one variable. Its slope only grows, so its sign tells on which side the minimum lies.
/// </summary>
internal static class LineSearch
{
    private const double EnoughDecrease = 1e-4; // of what the first slope promises

    // Share of the first slope. A trial costs only a fraction of an iteration here, so it is lower than the usual 0.9.
    private const double FlatEnough = 0.5;
    private const int TrialLimit = 40;

    /// <summary>
    /// Length of the step. The last call of <paramref name="function"/> was at this length. 0: no step lowers the
    /// function.
    /// </summary>
    /// <param name="firstSlope">The slope at 0.</param>
    /// <param name="magnitude">Absolute size of the function. Its values are exact to about 1e-16 of it.</param>
    /// <param name="function">
    /// Returns, for a length, the difference of the value from the one at 0, and the slope.
    /// </param>
    public static double Find(double firstSlope, double magnitude, Func<double, (double Change, double Slope)> function)
    {
        if (!(firstSlope < 0))
        {
            return 0;
        }

        double noise = 1e-15 * Math.Abs(magnitude);
        (double low, double lowSlope) = (0, firstSlope);
        (double high, double highSlope) = (double.PositiveInfinity, double.NaN);
        double length = 1;
        for (int trial = 0; trial < TrialLimit; trial++)
        {
            (double change, double slope) = function(length);
            bool isLower = change <= (EnoughDecrease * length * firstSlope) + noise;
            if (isLower && Math.Abs(slope) <= -FlatEnough * firstSlope)
            {
                return length;
            }

            if (isLower && slope < 0)
            {
                (low, lowSlope) = (length, slope);
            }
            else
            {
                (high, highSlope) = (length, slope);
            }

            length = Next(low, lowSlope, high, highSlope, firstSlope);
        }

        return 0;
    }

    private static double Next(double low, double lowSlope, double high, double highSlope, double firstSlope)
    {
        if (double.IsInfinity(high))
        {
            // where the line of the slope, from 0 through low, reaches zero
            double secant = low * firstSlope / (firstSlope - lowSlope);
            return Math.Clamp(double.IsFinite(secant) ? secant : 4 * low, 1.5 * low, 10 * low);
        }

        double share = highSlope > 0 ? -lowSlope / (highSlope - lowSlope) : 0.5;
        return low + ((high - low) * Math.Clamp(double.IsFinite(share) ? share : 0.5, 0.1, 0.9));
    }
}
