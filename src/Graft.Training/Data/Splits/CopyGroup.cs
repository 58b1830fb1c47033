using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Images that go to one part together: copies, near duplicates and members of a group. The order of groups is random
/// and depends only on the seed and the images' content.
/// </summary>
internal sealed class CopyGroup : IComparable<CopyGroup>
{
    private readonly LabelledImage first;
    private readonly double place;
    private readonly Dictionary<string, int> counts;

    private CopyGroup(IReadOnlyList<LabelledImage> images, ulong seed)
    {
        Images = images;
        // members with different labels are counted in one class
        Label = images.Select(image => image.Label).Min(StringComparer.Ordinal)!;
        counts = images.SelectMany(image => image.Labels).CountBy(label => label).ToDictionary(StringComparer.Ordinal);
        first = images.MinBy(image => image.ContentHash, StringComparer.Ordinal)!;
        place = new CountedRandom(seed, RandomPurpose.Split, image: first.Key).Uniform(0);
    }

    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>Class in which the group is counted.</summary>
    public string Label { get; }

    /// <summary>The classes of the images.</summary>
    public IReadOnlyCollection<string> Labels => counts.Keys;

    /// <summary>True where the images belong to a group and are of several classes.</summary>
    public bool SpansClasses => counts.Count > 1 && Images.Any(image => image.Group is not null);

    /// <summary>True where all images are copies or members of one group: they are never separated.</summary>
    public bool IsInseparable => Images.All(image => BondOf(image) == BondOf(Images[0]));

    public ImagePart Part { get; set; } = ImagePart.Train;

    /// <summary>Number of images of a class.</summary>
    public int CountOf(string label) => counts.GetValueOrDefault(label);

    /// <summary>One group per cluster.</summary>
    public static IEnumerable<CopyGroup> Of(IEnumerable<LabelledImage> images, ulong seed) =>
        images.GroupBy(image => image.Cluster).Select(copies => new CopyGroup([.. copies], seed));

    /// <summary>The same images with only groups and byte-identical copies together.</summary>
    public IEnumerable<CopyGroup> Loosened(ulong seed) =>
        Images.GroupBy(BondOf).Select(copies => new CopyGroup([.. copies], seed));

    private static (string? Group, string? Hash) BondOf(LabelledImage image) =>
        image.Group is null ? (null, image.ContentHash) : (image.Group, null);

    public int CompareTo(CopyGroup? other)
    {
        int byPlace = place.CompareTo(other!.place);
        return byPlace != 0 ? byPlace : string.CompareOrdinal(first.ContentHash, other.first.ContentHash);
    }
}
