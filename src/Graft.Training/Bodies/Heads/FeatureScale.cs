namespace Graft.Training.Bodies;

/// <summary>Standardises features: (feature - mean) / scale.</summary>
/// <param name="Mean">Mean of each feature, [F].</param>
/// <param name="Scale">Divisor of each feature, [F], above 0.</param>
internal sealed record FeatureScale(double[] Mean, double[] Scale);
