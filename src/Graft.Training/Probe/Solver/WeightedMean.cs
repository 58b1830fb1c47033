namespace Graft.Training.Probe;

/// <summary>A mean of weighted values with its standard error.</summary>
internal struct WeightedMean
{
    private double _weights;
    private double _sum;
    private double _squareWeights;
    private double _squares;
    private double _squareWeightedSum;

    public readonly double Mean => _sum / _weights;

    /// <summary>
    /// Standard error of a ratio estimator: the root of the sum of w^2 (x - mean)^2, divided by the sum of w.
    /// </summary>
    public readonly double StandardError =>
        Math.Sqrt(Math.Max(0, _squares - (2 * Mean * _squareWeightedSum) + (Mean * Mean * _squareWeights))) / _weights;

    public void Add(double value, double weight)
    {
        _weights += weight;
        _sum += weight * value;
        _squareWeights += weight * weight;
        _squares += weight * weight * value * value;
        _squareWeightedSum += weight * weight * value;
    }
}
