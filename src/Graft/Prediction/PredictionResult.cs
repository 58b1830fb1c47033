namespace Graft.Prediction;

/// <summary>Result for one of many images: a prediction, or the reason for its absence.</summary>
/// <param name="Path">Path or name of the image as the caller gave it: untrusted text.</param>
/// <param name="Prediction">The prediction; null if the image cannot be used.</param>
/// <param name="Failure">Reason on one line, safe to print; null if there is a prediction.</param>
public sealed record PredictionResult(string Path, ImagePrediction? Prediction, string? Failure);
