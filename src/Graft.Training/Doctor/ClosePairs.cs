namespace Graft.Training.Doctor;

/// <summary>Two images, by their numbers, the lower one first, and the cosine of their features.</summary>
internal readonly record struct ClosePair(int First, int Second, float Similarity) : IComparable<ClosePair>
{
    /// <summary>The more similar one first.</summary>
    public int CompareTo(ClosePair other) =>
        (-Similarity, First, Second).CompareTo((-other.Similarity, other.First, other.Second));
}

/// <summary>
/// Holds the most similar of the pairs that are added: of a set whose images are all alike nearly all pairs are close,
/// and 16,000 images have 128 million. Which ones are held does not depend on
/// the order in which they come.
/// </summary>
/// <param name="least">Less similar ones are not held.</param>
internal sealed class ClosePairs(float least)
{
    public const int Most = 100_000;

    private readonly List<ClosePair> _pairs = [];
    private float _least = least;

    public void Add(ClosePair pair)
    {
        if (pair.Similarity < _least)
        {
            return;
        }

        _pairs.Add(pair);
        if (_pairs.Count == 2 * Most)
        {
            Trim();
            _least = _pairs[^1].Similarity;
        }
    }

    /// <summary>The most similar one first.</summary>
    public IReadOnlyList<ClosePair> Ordered()
    {
        Trim();
        return _pairs;
    }

    private void Trim()
    {
        _pairs.Sort();
        _pairs.RemoveRange(Math.Min(Most, _pairs.Count), Math.Max(0, _pairs.Count - Most));
    }
}
