namespace Graft.Training.Doctor;

/// <summary>Two similar images.</summary>
/// <param name="First">Index of one image; the lower of the two.</param>
/// <param name="Second">Index of the other image.</param>
/// <param name="Similarity">Cosine of their features.</param>
internal readonly record struct ClosePair(int First, int Second, float Similarity) : IComparable<ClosePair>
{
    /// <summary>Orders the more similar pair first.</summary>
    public int CompareTo(ClosePair other) =>
        (-Similarity, First, Second).CompareTo((-other.Similarity, other.First, other.Second));
}

/// <summary>
/// Keeps the most similar of the added pairs. If all images of a set are alike, nearly all pairs are close, and 16,000
/// images have 128 million pairs. The order of adding does not matter.
/// </summary>
/// <param name="minSimilarity">Pairs below this cosine are not kept.</param>
internal sealed class ClosePairs(float minSimilarity)
{
    /// <summary>Largest number of pairs that are kept.</summary>
    public const int MaxCount = 100_000;

    private readonly List<ClosePair> _pairs = [];
    private float _minSimilarity = minSimilarity;

    public void Add(ClosePair pair)
    {
        if (pair.Similarity < _minSimilarity)
        {
            return;
        }

        _pairs.Add(pair);
        if (_pairs.Count == 2 * MaxCount)
        {
            Trim();
            _minSimilarity = _pairs[^1].Similarity;
        }
    }

    /// <summary>The pairs, most similar first.</summary>
    public IReadOnlyList<ClosePair> Ordered()
    {
        Trim();
        return _pairs;
    }

    private void Trim()
    {
        _pairs.Sort();
        _pairs.RemoveRange(Math.Min(MaxCount, _pairs.Count), Math.Max(0, _pairs.Count - MaxCount));
    }
}
