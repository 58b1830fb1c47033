using System.Buffers;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>
/// A matrix of features, [N,F], that is read in blocks, because those of many images do not fit into memory.
/// </summary>
/// <param name="Count">Number of rows, N.</param>
/// <param name="FeatureCount">Number of columns, F.</param>
/// <param name="Read">Fills rows, beginning at the given one. Repeated calls give the same values.</param>
internal sealed record FeatureMatrix(int Count, int FeatureCount, Action<int, Span<float>> Read)
{
    /// <summary>Numbers of columns, one after the other, that are standardised together.</summary>
    public IReadOnlyList<int> Groups { get; init; } = [FeatureCount];

    /// <summary>A matrix in memory.</summary>
    /// <param name="features">The values, row by row.</param>
    /// <param name="rowCount">Number of rows.</param>
    /// <param name="groups">Numbers of columns that are standardised together; null: all.</param>
    public static FeatureMatrix Of(float[] features, int rowCount, IReadOnlyList<int>? groups = null)
    {
        if (rowCount < 1 || features.Length == 0 || features.Length % rowCount != 0)
        {
            throw new ArgumentException(
                $"{features.Length} features cannot be dealt to {rowCount} rows",
                nameof(features)
            );
        }

        int width = features.Length / rowCount;
        return new(rowCount, width, (first, rows) => features.AsSpan(first * width, rows.Length).CopyTo(rows))
        {
            Groups = groups ?? [width],
        };
    }

    /// <summary>
    /// All rows in blocks: number of the first row, and the values. The values are valid until the next block is read.
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
