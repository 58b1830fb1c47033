namespace Graft.Training.Extraction;

/// <summary>The groups of columns in a row of features, in this order.</summary>
/// <param name="Averages">
/// Number of averages of the last map; for a body without maps or a flattened map all columns.
/// </param>
/// <param name="OfStages">Number of averages of earlier maps.</param>
/// <param name="Largest">Number of largest values of the last map.</param>
internal sealed record FeatureLayout(int Averages, int OfStages, int Largest)
{
    /// <summary>The columns that a pooling uses; null where the rows do not contain them.</summary>
    public FeatureColumns? ColumnsOf(Pooling pooling) =>
        pooling switch
        {
            Pooling.Average => new([(0, Averages)]),
            Pooling.Stages when OfStages > 0 => new([(0, Averages + OfStages)]),
            Pooling.AverageAndMax when Largest > 0 => new([(0, Averages), (Averages + OfStages, Largest)]),
            _ => null,
        };
}
