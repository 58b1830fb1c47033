using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>An answer and the version of the model that gave it.</summary>
/// <param name="Result">The prediction, or the reason why the image cannot be used.</param>
/// <param name="Version">Version of the model.</param>
public sealed record ServedPrediction(PredictionResult Result, string Version);
