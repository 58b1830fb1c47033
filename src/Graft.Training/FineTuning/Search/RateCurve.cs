namespace Graft.Training;

/// <summary>The loss while the rate rises.</summary>
/// <param name="Points">By rising rate.</param>
/// <param name="IsHeadAlone">No body layer was trained: the rate is that of head training.</param>
/// <param name="Stopped">Why it ended where it did.</param>
public sealed record RateCurve(IReadOnlyList<RatePoint> Points, bool IsHeadAlone, string Stopped)
{
    /// <summary>
    /// A loss that falls less than to this share of its start has not learnt: there is nothing to suggest.
    /// </summary>
    private const double Fallen = 0.95;

    /// <summary>The point of the least smoothed loss, from 0.</summary>
    public int Minimum => Enumerable.Range(0, Points.Count).MinBy(i => Points[i].SmoothedLoss);

    /// <summary>Where the smoothed loss falls fastest with the rate's logarithm; null where it does not fall.</summary>
    public double? SteepestRate =>
        IsFalling ? Points[Enumerable.Range(1, Math.Max(1, Minimum - 1)).MinBy(Descent)].Rate : null;

    /// <summary>A tenth of the rate at which the smoothed loss is least; null where it does not fall.</summary>
    public double? TenthOfMinimumRate => IsFalling ? Points[Minimum].Rate / 10 : null;

    /// <summary>The smaller of the two; null where the loss does not fall.</summary>
    public double? SuggestedRate => IsSteepestTaken ? SteepestRate : TenthOfMinimumRate;

    /// <summary>Whether the suggested rate is that of the steepest descent.</summary>
    public bool IsSteepestTaken => SteepestRate < TenthOfMinimumRate;

    // Over the two steps around a point, which are as long everywhere on the logarithm's scale.
    private double Descent(int point) => Points[point + 1].SmoothedLoss - Points[point - 1].SmoothedLoss;

    private bool IsFalling => Points.Count > 2 && Points[Minimum].SmoothedLoss < Fallen * Points[0].SmoothedLoss;
}
