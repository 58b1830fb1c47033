namespace Graft.Training.Extraction;

/// <summary>
/// The blocks in which large matrices are processed: 1,000,000 values, 4 MB in float32 and 8 MB in float64.
/// </summary>
internal static class MatrixBlocks
{
    private const long Values = 1_000_000;

    /// <summary>Number of rows of a block, at least 1.</summary>
    public static long Height(long width) => Math.Max(1, Values / width);

    /// <summary>The blocks of a matrix of <paramref name="count"/> rows, in order.</summary>
    public static IEnumerable<(long From, long To)> Of(long count, long width)
    {
        long height = Height(width);
        for (long from = 0; from < count; from += height)
        {
            yield return (from, Math.Min(count, from + height));
        }
    }
}
