using System.Runtime.InteropServices;
using System.Text;
using Graft.Training.Extraction;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>
/// Fitted probes in the cache: the same rows, labels and folds give the same layer, so a second probe of the same
/// images fits nothing. The key contains the hash of every row and the build of the code that fits.
/// </summary>
internal static class CachedProbe
{
    private static readonly CacheStream s_stream = new("any", "fitted probes", "Double");

    /// <summary>The probe of the cache, or the one that <paramref name="fit"/> makes, which is then kept.</summary>
    /// <param name="features">Where the rows come from.</param>
    /// <param name="rows">Numbers of the rows, in order.</param>
    /// <param name="labels">What is true of each row.</param>
    /// <param name="weights">Weight of each row; null: all are equal.</param>
    /// <param name="folds">Fold of each row.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="startPenalty">Penalty at which the search starts; null: it searches the whole grid.</param>
    /// <param name="more">Everything else that the probe depends on.</param>
    /// <param name="fit">Fits the probe.</param>
    public static ProbeResult GetOrFit(
        FeatureView features,
        int[] rows,
        TrueLabels labels,
        double[]? weights,
        int[] folds,
        int classCount,
        double? startPenalty,
        string more,
        Func<ProbeResult> fit
    )
    {
        if (features.Cache is not ActivationCache cache)
        {
            return fit();
        }

        string settings = $"{classCount} {startPenalty ?? 0:R} {more}";
        byte[] key = KeyOf("probe", features, rows, labels, weights, folds, settings);
        if (cache.Get(key) is byte[] kept && ProbeCodec.FromBytes(kept) is ProbeResult probe)
        {
            return probe;
        }

        ProbeResult fitted = fit();
        cache.Add(key, s_stream, ProbeCodec.ToBytes(fitted));
        cache.Flush();
        return fitted;
    }

    /// <summary>The key of a result that was fitted on rows of features.</summary>
    /// <param name="what">Kind of the result.</param>
    /// <param name="features">Where the rows come from.</param>
    /// <param name="rows">Numbers of the rows, in order.</param>
    /// <param name="labels">What is true of each row.</param>
    /// <param name="weights">Weight of each row; null: all are equal.</param>
    /// <param name="folds">Fold of each row.</param>
    /// <param name="settings">Everything else that the result depends on.</param>
    public static byte[] KeyOf(
        string what,
        FeatureView features,
        int[] rows,
        TrueLabels labels,
        double[]? weights,
        int[] folds,
        string settings
    ) =>
        CacheKey.OfParts(
            what,
            [
                typeof(CachedProbe).Module.ModuleVersionId.ToByteArray(),
                // the number of threads decides the order of sums, and so the last bits
                BitConverter.GetBytes(TorchSharp.torch.get_num_threads()),
                BitConverter.GetBytes(features.Views), // only the first of so many rows is scored
                Encoding.UTF8.GetBytes($"{features.Columns.Name}\n{settings}"),
                [.. rows.SelectMany(features.Features.KeyOf)],
                labels.Bytes,
                MemoryMarshal.AsBytes(folds.AsSpan()).ToArray(),
                MemoryMarshal.AsBytes((weights ?? []).AsSpan()).ToArray(),
            ]
        );
}
