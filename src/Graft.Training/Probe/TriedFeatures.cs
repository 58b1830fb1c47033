using System.Globalization;
using Graft.Training.Extraction;

namespace Graft.Training.Probe;

/// <summary>Features that were tried, with their probe.</summary>
/// <param name="Extraction">The features, in all views.</param>
/// <param name="Probe">The probe of the plain views.</param>
internal sealed record TriedFeatures(Pooling Pooling, FeatureView Extraction, ProbeResult Probe, OutOfFoldScore Score)
{
    public string Name =>
        Pooling switch
        {
            Pooling.Stages => string.Create(
                CultureInfo.InvariantCulture,
                $"and {Extraction.Layout.OfStages.Sum()} of earlier maps"
            ),
            Pooling.AverageAndMax => string.Create(
                CultureInfo.InvariantCulture,
                $"and {Extraction.Layout.Largest.Sum()} largest values"
            ),
            Pooling.Flatten => string.Create(
                CultureInfo.InvariantCulture,
                $"{Extraction.FeatureCount} values of the last map"
            ),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Extraction.FeatureCount} averages of the last map"),
        };

    public string NameWithViews =>
        Extraction.Views == 1
            ? $"{Name}, without views"
            : string.Create(CultureInfo.InvariantCulture, $"{Name}, {Extraction.Views} views");
}
