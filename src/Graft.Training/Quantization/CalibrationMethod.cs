namespace Graft.Training;

/// <summary>How the range of a layer's values is chosen before they are rounded to 256 levels.</summary>
public enum CalibrationMethod
{
    /// <summary>The smallest and the largest value of the calibration images.</summary>
    MinMax,

    /// <summary>All but the outermost 0.01 % of the values on each side.</summary>
    Percentile,

    /// <summary>
    /// The range whose rounded distribution is nearest to the true one by the Kullback-Leibler divergence.
    /// </summary>
    Entropy,

    /// <summary>The range with the smallest mean squared error of rounding and clipping.</summary>
    SquaredError,
}
