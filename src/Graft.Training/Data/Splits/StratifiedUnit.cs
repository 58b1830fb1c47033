namespace Graft.Training.Data;

/// <summary>Images that go to one subset together, such as near duplicates, with their labels.</summary>
/// <param name="Size">Number of images.</param>
/// <param name="Counts">Each label of the images and how many of them have it; counts are above 0.</param>
internal sealed record StratifiedUnit(int Size, IReadOnlyList<(int Label, int Count)> Counts)
{
    /// <summary>The unit of images.</summary>
    /// <param name="labels">The labels of each image, as numbers.</param>
    public static StratifiedUnit Of(IReadOnlyCollection<IEnumerable<int>> labels) =>
        new(
            labels.Count,
            [.. labels.SelectMany(ofImage => ofImage).CountBy(label => label).Select(one => (one.Key, one.Value))]
        );
}
