using System.Runtime.InteropServices;
using System.Text;
using Graft.Training.Extraction;

namespace Graft.Training.Probe;

/// <summary>
/// Keeps fitted probes in the cache: the same rows, labels and folds give the same layer, so that a second probe of a
/// folder fits nothing. The key holds the hash of every
/// row that goes in, and the build of the code that fits.
/// </summary>
internal static class CachedProbe
{
    private static readonly CacheStream s_stream = new("any", "fitted probes", "Double");

    /// <summary>The kept probe, or the one that <paramref name="fit"/> gives, which is kept then.</summary>
    /// <param name="extraction">Where the rows are from.</param>
    /// <param name="rows">In their order.</param>
    /// <param name="labels">One a row.</param>
    /// <param name="weights">One a row; null: all weigh the same.</param>
    /// <param name="folds">One a row.</param>
    /// <param name="near">Where the search begins; null: it has the whole grid.</param>
    public static ProbeResult Or(
        FeatureView extraction,
        int[] rows,
        int[] labels,
        double[]? weights,
        int[] folds,
        int classCount,
        double? near,
        Func<ProbeResult> fit
    )
    {
        if (extraction.Cache is not ActivationCache cache)
        {
            return fit();
        }

        byte[] key = KeyOf("probe", extraction, rows, labels, weights, folds, $"{classCount} {near ?? 0:R}");
        if (cache.Get(key) is byte[] kept && Read(kept) is ProbeResult probe)
        {
            return probe;
        }

        ProbeResult fitted = fit();
        cache.Add(key, s_stream, Write(fitted));
        cache.Flush();
        return fitted;
    }

    /// <summary>Of anything that is fitted on rows.</summary>
    /// <param name="more">What else it depends on.</param>
    public static byte[] KeyOf(
        string what,
        FeatureView extraction,
        int[] rows,
        int[] labels,
        double[]? weights,
        int[] folds,
        string more
    ) =>
        CacheKey.OfParts(
            what,
            [
                typeof(CachedProbe).Module.ModuleVersionId.ToByteArray(),
                BitConverter.GetBytes(TorchSharp.torch.get_num_threads()), // the order of sums, and so the last bits
                BitConverter.GetBytes(extraction.Views), // the first of so many rows is scored
                Encoding.UTF8.GetBytes($"{extraction.Columns.Name}\n{more}"),
                [.. rows.SelectMany(extraction.Features.KeyOf)],
                MemoryMarshal.AsBytes(labels.AsSpan()).ToArray(),
                MemoryMarshal.AsBytes(folds.AsSpan()).ToArray(),
                MemoryMarshal.AsBytes((weights ?? []).AsSpan()).ToArray(),
            ]
        );

    internal static byte[] Write(ProbeResult probe)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(probe.Layer.ClassCount);
        writer.Write(probe.Layer.FeatureCount);
        double[][] arrays =
        [
            probe.Layer.Weight,
            probe.Layer.Bias,
            probe.Standardisation.Mean,
            probe.Standardisation.Scale,
            probe.OutOfFold,
        ];
        foreach (double[] values in arrays)
        {
            writer.Write(values.Length);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        writer.Write(probe.InverseL2);
        writer.Write(probe.Objective);
        writer.Write(probe.IsConverged);
        writer.Write(probe.Trials.Count);
        foreach (ProbeTrial trial in probe.Trials)
        {
            double[] scores =
            [
                trial.InverseL2,
                trial.MeanLossNats,
                trial.LossStandardError,
                trial.Accuracy,
                trial.AccuracyStandardError,
            ];
            writer.Write(MemoryMarshal.AsBytes(scores.AsSpan()));
            writer.Write(trial.Iterations);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    internal static ProbeResult? Read(byte[] kept)
    {
        using BinaryReader reader = new(new MemoryStream(kept));
        try
        {
            (int classCount, int featureCount) = (reader.ReadInt32(), reader.ReadInt32());
            double[][] arrays = [.. Enumerable.Range(0, 5).Select(_ => Doubles(reader, reader.ReadInt32()))];
            (double inverseL2, double objective, bool isConverged) = (
                reader.ReadDouble(),
                reader.ReadDouble(),
                reader.ReadBoolean()
            );
            ProbeTrial[] trials = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => Trial(reader))];
            return new(
                new(classCount, featureCount, arrays[0], arrays[1]),
                new(arrays[2], arrays[3]),
                inverseL2,
                trials,
                arrays[4],
                objective,
                isConverged
            );
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentException)
        {
            return null; // written by other code than this: fitted again
        }
    }

    private static ProbeTrial Trial(BinaryReader reader)
    {
        double[] scores = Doubles(reader, 5);
        return new(scores[0], scores[1], scores[2], scores[3], scores[4], reader.ReadInt32());
    }

    private static double[] Doubles(BinaryReader reader, int count)
    {
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(double))
        {
            throw new EndOfStreamException();
        }

        double[] values = new double[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
