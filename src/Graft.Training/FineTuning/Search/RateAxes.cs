namespace Graft.Training.FineTuning;

/// <summary>The ranges of a chart of losses over the rate's logarithm.</summary>
/// <param name="LowDecade">Power of ten at or below the lowest rate.</param>
/// <param name="HighDecade">Power of ten at or above the highest rate.</param>
/// <param name="LowLoss">Loss at the lower edge, in nats.</param>
/// <param name="HighLoss">Loss at the upper edge, in nats. Exploding losses leave the chart.</param>
/// <param name="LossStep">Distance of two ticks, in nats.</param>
internal sealed record RateAxes(int LowDecade, int HighDecade, double LowLoss, double HighLoss, double LossStep)
{
    private const double Above = 1.3; // of the first loss: room for the explosion to be seen, no more
    private const int FewestSteps = 4;

    public static RateAxes Of(RateCurve curve)
    {
        double least = curve.Points.Min(point => Math.Min(point.Loss, point.SmoothedLoss));
        double most = Math.Min(
            curve.Points.Max(point => point.SmoothedLoss),
            Above * Math.Max(curve.Points[0].SmoothedLoss, least)
        );
        double range = Math.Max(most - least, 0.01);
        double power = Math.Pow(10, Math.Floor(Math.Log10(range / FewestSteps)));
        double step =
            new[] { 5.0, 2, 1 }.First(factor => range / (factor * power) >= FewestSteps || factor == 1) * power;
        return new(
            (int)Math.Floor(Math.Log10(curve.Points[0].Rate) + 1e-9),
            (int)Math.Ceiling(Math.Log10(curve.Points[^1].Rate) - 1e-9),
            Math.Floor(least / step) * step,
            Math.Ceiling(most / step) * step,
            step
        );
    }

    /// <summary>Position of a rate: 0 at the left edge, 1 at the right one.</summary>
    public double Across(double rate) => (Math.Log10(rate) - LowDecade) / Math.Max(1, HighDecade - LowDecade);

    /// <summary>Position of a loss: 0 at the lower edge, 1 at the upper one, above 1 outside the chart.</summary>
    public double Up(double loss) => (loss - LowLoss) / (HighLoss - LowLoss);

    /// <summary>The losses of the ticks, in rising order.</summary>
    public IEnumerable<double> LossTicks =>
        Enumerable.Range(0, (int)Math.Round((HighLoss - LowLoss) / LossStep) + 1).Select(i => LowLoss + (i * LossStep));

    public IEnumerable<int> Decades => Enumerable.Range(LowDecade, HighDecade - LowDecade + 1);
}
