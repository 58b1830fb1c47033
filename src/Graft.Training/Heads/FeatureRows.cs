using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>[N,F] features of a probe, read in blocks: those of many images do not fit into memory.</summary>
/// <param name="Count">N.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="Read">Fills rows from the first one named on; may be called again for the same ones and gives the same.</param>
internal sealed record FeatureRows(int Count, int FeatureCount, Action<int, Span<float>> Read)
{
    private const int BlockValues = 2_000_000;      // 8 MB

    /// <summary>Rows that lie in memory.</summary>
    public static FeatureRows Of(float[] features, int rowCount)
    {
        if (rowCount < 1 || features.Length == 0 || features.Length % rowCount != 0)
        {
            throw new ArgumentException($"{features.Length} features cannot be dealt to {rowCount} rows", nameof(features));
        }

        int width = features.Length / rowCount;
        return new(rowCount, width, (first, rows) => features.AsSpan(first * width, rows.Length).CopyTo(rows));
    }

    /// <summary>All rows, some at a time: the first one's number and their values, which are good until the next are asked for.</summary>
    public IEnumerable<(int First, ReadOnlyMemory<float> Values)> Blocks()
    {
        int most = Math.Max(1, BlockValues / FeatureCount);
        float[] values = GC.AllocateUninitializedArray<float>(Math.Min(most, Count) * FeatureCount);
        for (int first = 0; first < Count; first += most)
        {
            int length = Math.Min(most, Count - first) * FeatureCount;
            Read(first, values.AsSpan(0, length));
            yield return (first, values.AsMemory(0, length));
        }
    }

    /// <summary>Some rows as a tensor [n,F] float32.</summary>
    public Tensor Load(int first, int count)
    {
        Tensor rows = empty([count, FeatureCount], ScalarType.Float32);
        Read(first, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(rows.bytes));
        return rows;
    }
}
