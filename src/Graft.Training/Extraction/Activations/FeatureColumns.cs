namespace Graft.Training.Extraction;

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
