namespace Graft.Training.Extraction;

/// <summary>A choice of columns in rows of features.</summary>
internal sealed record FeatureColumns(IReadOnlyList<(int First, int Count)> Ranges)
{
    public int Count => Ranges.Sum(range => range.Count);

    /// <summary>Numbers of chosen columns, one after the other, that are standardised together.</summary>
    public IReadOnlyList<int> Groups { get; init; } = [.. Ranges.Select(range => range.Count)];

    /// <summary>Ranges and groups as text. A part of the keys of results that depend on them.</summary>
    public string Name =>
        $"{string.Join(' ', Ranges.Select(range => $"{range.First}+{range.Count}"))} in {string.Join(' ', Groups)}";

    /// <param name="target">Receives <see cref="Count"/> values.</param>
    public void Copy(ReadOnlySpan<float> row, Span<float> target)
    {
        foreach ((int first, int count) in Ranges)
        {
            row.Slice(first, count).CopyTo(target);
            target = target[count..];
        }
    }
}
