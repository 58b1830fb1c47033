namespace Graft.Training;

/// <summary>A way to make a network int8, judged on validation images.</summary>
/// <param name="Method">How the ranges were chosen.</param>
/// <param name="IsEqualized">Whether the channels were equalized across layers first.</param>
/// <param name="Loss">Mean loss on the validation images, in nats.</param>
/// <param name="Accuracy">
/// Accuracy on the validation images, 0 to 1. Where images may have several labels: mean average precision.
/// </param>
public sealed record CalibrationTrial(CalibrationMethod Method, bool IsEqualized, double Loss, double Accuracy);

/// <summary>An exported model beside the one that it was made from.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="FileBytes">Its length in bytes.</param>
/// <param name="SourceBytes">Length of the model in bytes.</param>
/// <param name="Comparison">The model (first) and the exported one (second) on the same images.</param>
/// <param name="ComparedPart">The part of these images: the test images, or validation images where there are no
/// others.</param>
/// <param name="Milliseconds">Median time of the exported network for one image, without decoding.</param>
/// <param name="SourceMilliseconds">The same for the model, measured in turns with it.</param>
/// <param name="Trials">The ways that were tried for int8; the one with the smallest loss was chosen.</param>
public sealed record ExportResult(
    string Path,
    long FileBytes,
    long SourceBytes,
    Comparison Comparison,
    ImagePart ComparedPart,
    double Milliseconds,
    double SourceMilliseconds,
    IReadOnlyList<CalibrationTrial> Trials
)
{
    /// <summary>How many times as fast as the model the exported network is.</summary>
    public double Speedup => SourceMilliseconds / Milliseconds;

    /// <summary>
    /// Loss of accuracy or, where images may have several labels, of mean average precision, -1 to 1; below 0 where the
    /// exported model is better.
    /// </summary>
    public double Loss =>
        Comparison.MeanAveragePrecisionDifference?.Value ?? Comparison.First.Accuracy - Comparison.Second.Accuracy;

    /// <summary>The chosen way to int8; null for other precisions.</summary>
    public CalibrationTrial? Chosen => Trials.MinBy(trial => trial.Loss);
}
