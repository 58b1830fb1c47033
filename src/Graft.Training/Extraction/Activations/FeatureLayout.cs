namespace Graft.Training.Extraction;

/// <summary>What the columns of a row of features are, in this order.</summary>
/// <param name="Averages">Of the last map; of a body without maps, or of a flattened one, all there is.</param>
/// <param name="OfStages">Averages of earlier maps.</param>
/// <param name="Largest">Largest values of the last map.</param>
internal sealed record FeatureLayout(int Averages, int OfStages, int Largest)
{
    /// <summary>The columns that a pooling uses; null where the rows do not hold what it needs.</summary>
    public FeatureColumns? ColumnsOf(Pooling pooling) =>
        pooling switch
        {
            Pooling.Average => new([(0, Averages)]),
            Pooling.Stages when OfStages > 0 => new([(0, Averages + OfStages)]),
            Pooling.AverageAndMax when Largest > 0 => new([(0, Averages), (Averages + OfStages, Largest)]),
            _ => null,
        };
}
