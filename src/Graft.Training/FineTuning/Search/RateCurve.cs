namespace Graft.Training;

/// <summary>The training loss while the learning rate rises.</summary>
/// <param name="Points">The steps, by rising rate.</param>
/// <param name="IsHeadAlone">True where no body layer was trained: the rate is that of head training.</param>
/// <param name="Stopped">Why the search ended, half a sentence.</param>
public sealed record RateCurve(IReadOnlyList<RatePoint> Points, bool IsHeadAlone, string Stopped)
{
    /// <summary>
    /// The loss must fall to this share of its start. Otherwise nothing was learnt, and no rate is suggested.
    /// </summary>
    private const double Fallen = 0.95;

    /// <summary>Index of the point with the lowest smoothed loss.</summary>
    public int Minimum => Enumerable.Range(0, Points.Count).MinBy(i => Points[i].SmoothedLoss);

    /// <summary>
    /// Rate at which the smoothed loss falls fastest, on a logarithmic scale. Null where it does not fall.
    /// </summary>
    public double? SteepestRate =>
        IsFalling ? Points[Enumerable.Range(1, Math.Max(1, Minimum - 1)).MinBy(Descent)].Rate : null;

    /// <summary>A tenth of the rate with the lowest smoothed loss. Null where the loss does not fall.</summary>
    public double? TenthOfMinimumRate => IsFalling ? Points[Minimum].Rate / 10 : null;

    /// <summary>The smaller one of the two rates. Null where the loss does not fall.</summary>
    public double? SuggestedRate => IsSteepestTaken ? SteepestRate : TenthOfMinimumRate;

    /// <summary>True where the suggested rate is that of the steepest descent.</summary>
    public bool IsSteepestTaken => SteepestRate < TenthOfMinimumRate;

    // Over the two steps around a point; all steps are equally long on the logarithmic scale.
    private double Descent(int point) => Points[point + 1].SmoothedLoss - Points[point - 1].SmoothedLoss;

    private bool IsFalling => Points.Count > 2 && Points[Minimum].SmoothedLoss < Fallen * Points[0].SmoothedLoss;
}
