using System.Buffers;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>[N,F] features of a probe, read in blocks: those of many images do not fit into memory.</summary>
/// <param name="Count">N.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="Read">Fills rows from the first one named on; may be called again for the same ones and gives the
/// same.</param>
internal sealed record FeatureMatrix(int Count, int FeatureCount, Action<int, Span<float>> Read)
{
    /// <summary>Rows that lie in memory.</summary>
    public static FeatureMatrix Of(float[] features, int rowCount)
    {
        if (rowCount < 1 || features.Length == 0 || features.Length % rowCount != 0)
        {
            throw new ArgumentException(
                $"{features.Length} features cannot be dealt to {rowCount} rows",
                nameof(features)
            );
        }

        int width = features.Length / rowCount;
        return new(rowCount, width, (first, rows) => features.AsSpan(first * width, rows.Length).CopyTo(rows));
    }

    /// <summary>
    /// All rows, some at a time: the first one's number and their values, which are good until the next are asked for.
    /// </summary>
    public IEnumerable<(int First, ReadOnlyMemory<float> Values)> Blocks()
    {
        float[] values = ArrayPool<float>.Shared.Rent(
            (int)Math.Min(MatrixBlocks.Height(FeatureCount), Count) * FeatureCount
        );
        try
        {
            foreach ((long from, long to) in MatrixBlocks.Of(Count, FeatureCount))
            {
                int length = (int)(to - from) * FeatureCount;
                Read((int)from, values.AsSpan(0, length));
                yield return ((int)from, values.AsMemory(0, length));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
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
