using TorchSharp;

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

/// <summary>Some columns of rows of features.</summary>
internal sealed record FeatureColumns(IReadOnlyList<(int First, int Count)> Ranges)
{
    public int Count => Ranges.Sum(range => range.Count);

    /// <summary>Says which they are: part of the key of what is made from them.</summary>
    public string Name => string.Join(' ', Ranges.Select(range => $"{range.First}+{range.Count}"));

    /// <param name="target"><see cref="Count"/> values.</param>
    public void Copy(ReadOnlySpan<float> row, Span<float> target)
    {
        foreach ((int first, int count) in Ranges)
        {
            row.Slice(first, count).CopyTo(target);
            target = target[count..];
        }
    }
}

/// <summary>Rows of which some columns are used.</summary>
internal sealed class SelectedColumns(IActivationSource rows, FeatureColumns columns) : IActivationSource
{
    /// <inheritdoc/>
    public torch.Tensor Load(ReadOnlySpan<int> numbers)
    {
        using torch.Tensor all = rows.Load(numbers); // [N,all]
        torch.Tensor[] parts = [.. columns.Ranges.Select(range => all.narrow(1, range.First, range.Count))];
        torch.Tensor used = torch.cat(parts, 1); // [N,F]
        Array.ForEach(parts, part => part.Dispose());
        return used;
    }
}
