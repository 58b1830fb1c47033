namespace Graft.Training;

/// <summary>A mean over seeds, with its spread.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">Sample standard deviation (n - 1); null for fewer than two seeds.</param>
public sealed record MeanAndSpread(double Mean, double? StandardDeviation)
{
    internal static MeanAndSpread Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        return new(
            mean,
            values.Count < 2
                ? null
                : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1))
        );
    }
}
