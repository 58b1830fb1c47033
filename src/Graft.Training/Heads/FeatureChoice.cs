using System.Globalization;
using Graft.Training.Runs;

namespace Graft.Training.Heads;

/// <summary>Whether a probe of more features is worth them: where its loss out of fold is lower by more than the standard error of the difference, image by image.</summary>
internal static class FeatureChoice
{
    /// <param name="labels">One an image, in the order of the probes' rows.</param>
    /// <param name="views">Rows an image; the first is scored.</param>
    public static bool IsBetter(ProbeResult wide, ProbeResult plain, int[] labels, int views, out TrialTable table)
    {
        WeightedMean gain = new();
        WeightedMean wideLoss = new(), plainLoss = new();
        int count = 0, wideHits = 0, plainHits = 0;
        for (int image = 0; image < labels.Length; image++)
        {
            (double ofWide, bool isWideHit) = Loss(wide, image * views, labels[image]);
            (double ofPlain, bool isPlainHit) = Loss(plain, image * views, labels[image]);
            if (!double.IsNaN(ofWide) && !double.IsNaN(ofPlain))
            {
                gain.Add(ofPlain - ofWide, 1);
                wideLoss.Add(ofWide, 1);
                plainLoss.Add(ofPlain, 1);
                (wideHits, plainHits, count) = (wideHits + (isWideHit ? 1 : 0), plainHits + (isPlainHit ? 1 : 0), count + 1);
            }
        }

        bool isBetter = gain.Mean > Math.Max(gain.StandardError, 1.0 / count);
        table = new(
            "which features the probe sees",
            [
                new(string.Create(CultureInfo.InvariantCulture, $"{plain.Layer.FeatureCount} averages of the last map"), (double)plainHits / count, plainLoss.Mean, !isBetter),
                new(string.Create(CultureInfo.InvariantCulture, $"and {wide.Layer.FeatureCount - plain.Layer.FeatureCount} of earlier maps"), (double)wideHits / count, wideLoss.Mean, isBetter),
            ],
            $"the loss out of fold of {count} images, the simpler one within a standard error");
        return isBetter;
    }

    private static (double Loss, bool IsHit) Loss(ProbeResult probe, int row, int label)
    {
        int classes = probe.Layer.ClassCount;
        ReadOnlySpan<double> logits = probe.OutOfFold.AsSpan(row * classes, classes);
        return (CrossValidation.LogSumExp(logits) - logits[label], ProbabilityRows.IndexOfLargest(logits) == label);
    }
}
