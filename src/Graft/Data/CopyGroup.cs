namespace Graft.Data;

/// <summary>Byte-identical images, which go to one part together; ordered by a random number that depends on the seed and their content alone.</summary>
internal sealed class CopyGroup : IComparable<CopyGroup>
{
    private readonly double place;

    private CopyGroup(IReadOnlyList<LabelledImage> images, ulong seed)
    {
        Images = images;
        Label = images.Select(image => image.Label).Min(StringComparer.Ordinal)!;   // copies with different labels: one class answers for all
        place = new CountedRandom(seed, RandomPurpose.Split, image: images[0].Key).Uniform(0);
    }

    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>The class that the group is counted in.</summary>
    public string Label { get; }

    public ImagePart Part { get; set; } = ImagePart.Train;

    public static IEnumerable<CopyGroup> Of(IEnumerable<LabelledImage> images, ulong seed) =>
        images.GroupBy(image => image.ContentHash).Select(copies => new CopyGroup([.. copies], seed));

    public int CompareTo(CopyGroup? other)
    {
        int byPlace = place.CompareTo(other!.place);
        return byPlace != 0 ? byPlace : string.CompareOrdinal(Images[0].ContentHash, other.Images[0].ContentHash);
    }
}
