using System.Globalization;
using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>The exported model.</summary>
/// <param name="Bytes">The network without its card.</param>
/// <param name="Calibration">What makes the probabilities honest.</param>
/// <param name="Thresholds">Probability from which each class is given, [C]. Null: each image has one class.</param>
/// <param name="Threshold">The confidence threshold. Null: the model always answers.</param>
/// <param name="Difference">Largest difference of a probability between the file and the trained network.</param>
/// <param name="FileBytes">Length of the file in bytes.</param>
internal sealed record ExportedModel(
    byte[] Bytes,
    Calibration Calibration,
    double[]? Thresholds,
    ConfidenceThreshold? Threshold,
    double Difference,
    long FileBytes
)
{
    /// <summary>The temperature that the logits are divided by; 1 where each class has a scale and a shift.</summary>
    public double Temperature => Thresholds is null ? Calibration.Temperature : 1;

    /// <summary>The result in one line.</summary>
    public string Summary =>
        $"{FileBytes / 1e6:0.0} MB; its probabilities differ from the trained network's by at most {Difference:0.0e0}; "
        + (Thresholds is null ? $"temperature {Temperature:0.00}" : ThresholdText);

    private string ThresholdText =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"labels are given from a probability of {Thresholds!.Min():0.00} to {Thresholds!.Max():0.00} on"
        );
}
