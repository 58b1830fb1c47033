namespace Graft.Training;

/// <summary>How much a measure of two models differs on the same images, by the paired bootstrap over images.</summary>
/// <param name="Value">The first model's measure minus the second's, -1 to 1.</param>
/// <param name="Interval">Its 95 % interval.</param>
/// <param name="PValue">
/// Probability of a difference at least as large between equally good models, two-sided, above 0 and at most 1.
/// </param>
public sealed record PairedDifference(double Value, Interval Interval, double PValue)
{
    /// <summary>True if equally good models would differ as much in less than one of twenty comparisons.</summary>
    public bool IsDifference => PValue < Comparison.Level;
}
