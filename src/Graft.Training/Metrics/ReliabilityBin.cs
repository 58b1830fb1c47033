namespace Graft.Training;

/// <summary>The images whose confidence (largest probability) lies in one range.</summary>
/// <param name="Low">The range's lower end, outside it.</param>
/// <param name="High">The range's upper end, inside it.</param>
/// <param name="Count">Images.</param>
/// <param name="MeanConfidence">Null when there are none.</param>
/// <param name="Accuracy">Null when there are none.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double? MeanConfidence, double? Accuracy)
{
    internal const int BinCount = 15;

    /// <summary>
    /// 15 equally wide bins (i/15, (i+1)/15] (Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section
    /// 2).
    /// </summary>
    internal static ReliabilityBin[] Of(double[] confidences, bool[] isCorrect)
    {
        int[] counts = new int[BinCount];
        int[] hits = new int[BinCount];
        double[] sums = new double[BinCount];
        for (int n = 0; n < confidences.Length; n++)
        {
            int bin = Math.Clamp((int)Math.Ceiling(confidences[n] * BinCount) - 1, 0, BinCount - 1);
            counts[bin]++;
            hits[bin] += isCorrect[n] ? 1 : 0;
            sums[bin] += confidences[n];
        }

        return
        [
            .. Enumerable
                .Range(0, BinCount)
                .Select(i => new ReliabilityBin(
                    (double)i / BinCount,
                    (i + 1.0) / BinCount,
                    counts[i],
                    counts[i] == 0 ? null : sums[i] / counts[i],
                    counts[i] == 0 ? null : (double)hits[i] / counts[i]
                )),
        ];
    }

    /// <summary>
    /// The mean distance between confidence and accuracy, each bin weighed by its images (op. cit., equation 3).
    /// </summary>
    internal static double Error(ReliabilityBin[] bins)
    {
        double sum = bins.Where(bin => bin.Count > 0)
            .Sum(bin => bin.Count * Math.Abs(bin.Accuracy!.Value - bin.MeanConfidence!.Value));
        return sum / bins.Sum(bin => bin.Count);
    }
}
