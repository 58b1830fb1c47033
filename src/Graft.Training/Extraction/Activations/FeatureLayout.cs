namespace Graft.Training.Extraction;

/// <summary>The groups of columns in a row of features, in this order. Each map has a group of its own.</summary>
/// <param name="Averages">
/// Number of averages of each last map, one a branch; for a body without maps or a flattened map all columns.
/// </param>
/// <param name="OfStages">Number of averages of each earlier map.</param>
/// <param name="Largest">Number of largest values of each last map.</param>
internal sealed record FeatureLayout(
    IReadOnlyList<int> Averages,
    IReadOnlyList<int> OfStages,
    IReadOnlyList<int> Largest
)
{
    /// <summary>A row with one group of columns.</summary>
    public static FeatureLayout Of(int columns) => new([columns], [], []);

    /// <summary>All columns.</summary>
    public FeatureColumns All => new(RangesOf(0, [.. Averages, .. OfStages, .. Largest]));

    /// <summary>The columns that a pooling uses; null where the rows do not contain them.</summary>
    public FeatureColumns? ColumnsOf(Pooling pooling) =>
        pooling switch
        {
            Pooling.Average => new(RangesOf(0, Averages)),
            Pooling.Stages when OfStages.Count > 0 => new(RangesOf(0, [.. Averages, .. OfStages])),
            Pooling.AverageAndMax when Largest.Count > 0 => WithLargest(),
            _ => null,
        };

    // A map's averages and largest values are of one kind: measured as one group.
    private FeatureColumns WithLargest()
    {
        FeatureColumns columns = new([.. RangesOf(0, Averages), .. RangesOf(Averages.Sum() + OfStages.Sum(), Largest)]);
        return Averages.Count == 1 ? columns with { Groups = [columns.Count] } : columns;
    }

    private static (int First, int Count)[] RangesOf(int first, IReadOnlyList<int> counts)
    {
        List<(int, int)> ranges = [];
        foreach (int count in counts)
        {
            ranges.Add((first, count));
            first += count;
        }

        return [.. ranges];
    }
}
