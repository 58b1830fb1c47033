using Graft.Training.FineTuning;

namespace Graft.Training;

/// <summary>The loss while the learning rate rises.</summary>
/// <param name="Points">In the order of rising rates.</param>
/// <param name="IsHeadAlone">True if no layer of the body was trained: the rate is
/// <see cref="HeadTrainingOptions.Rate"/>, otherwise <see cref="FineTuneOptions.BodyRate"/>.</param>
/// <param name="Stopped">Why the search ended, in half a sentence.</param>
public sealed record RateCurve(IReadOnlyList<RatePoint> Points, bool IsHeadAlone, string Stopped)
{
    /// <summary>
    /// The loss must fall to this share of its start. Otherwise nothing was learnt, and no rate is suggested.
    /// </summary>
    private const double Fallen = 0.95;

    /// <summary>Index of the point with the least smoothed loss.</summary>
    public int Minimum => Enumerable.Range(0, Points.Count).MinBy(i => Points[i].SmoothedLoss);

    /// <summary>
    /// The rate at which the smoothed loss falls fastest over the rate's logarithm; null if the loss does not fall.
    /// </summary>
    public double? SteepestRate =>
        IsFalling ? Points[Enumerable.Range(1, Math.Max(1, Minimum - 1)).MinBy(Descent)].Rate : null;

    /// <summary>A tenth of the rate at which the smoothed loss is least; null if the loss does not fall.</summary>
    public double? TenthOfMinimumRate => IsFalling ? Points[Minimum].Rate / 10 : null;

    /// <summary>The smaller of the two rates; null if the loss does not fall.</summary>
    public double? SuggestedRate => IsSteepestTaken ? SteepestRate : TenthOfMinimumRate;

    /// <summary>True if the suggested rate is that of the steepest descent.</summary>
    public bool IsSteepestTaken => SteepestRate < TenthOfMinimumRate;

    /// <summary>The curve as an SVG file.</summary>
    public string ToSvg() => RateChart.ToSvg(this);

    /// <summary>The smoothed loss as lines of text; a column of bars marks the suggested rate.</summary>
    /// <param name="width">Largest number of columns, 40 or more.</param>
    public IReadOnlyList<string> ToText(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 40);
        return RateChart.ToText(this, width);
    }

    // Over the two steps around a point, which are as long everywhere on the logarithm's scale.
    private double Descent(int point) => Points[point + 1].SmoothedLoss - Points[point - 1].SmoothedLoss;

    private bool IsFalling => Points.Count > 2 && Points[Minimum].SmoothedLoss < Fallen * Points[0].SmoothedLoss;
}
