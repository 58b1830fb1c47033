using System.Collections.Immutable;
using System.Security.Cryptography;
using Graft.Imaging;

namespace Graft.Data;

/// <summary>What a look at an image's pixels shows.</summary>
/// <param name="Width">Upright, in pixels.</param>
/// <param name="Height">Upright, in pixels.</param>
internal sealed record ImageTraits(ImageHeader Header, int Width, int Height, long FileBytes, Sketch Sketch)
{
    /// <summary>All of it, for <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        Array.ForEach([(int)Header.Format, Header.IsGrey ? 1 : 0, Header.IsCmyk ? 1 : 0, Header.IsDeep ? 1 : 0, Header.Frames, Header.Orientation, Width, Height], writer.Write);
        writer.Write(FileBytes);
        writer.Write(Sketch.Planes);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Null where the bytes are of another length.</summary>
    public static ImageTraits? FromBytes(byte[] bytes)
    {
        const int Numbers = 8;
        const int SketchBytes = 3 * Sketch.Side * Sketch.Side;
        if (bytes.Length != (Numbers * sizeof(int)) + sizeof(long) + SketchBytes)
        {
            return null;
        }

        using BinaryReader reader = new(new MemoryStream(bytes));
        int[] numbers = [.. Enumerable.Range(0, Numbers).Select(_ => reader.ReadInt32())];
        ImageHeader header = new((ImageFormat)numbers[0], numbers[1] == 1, numbers[2] == 1, numbers[3] == 1, numbers[4], numbers[5]);
        return new(header, numbers[6], numbers[7], reader.ReadInt64(), Sketch.OfPlanes(reader.ReadBytes(SketchBytes)));
    }
}

/// <summary>What an earlier look has shown, so that an image is decoded once.</summary>
/// <param name="Find">By content; null where it was not looked at.</param>
/// <param name="Keep">Told what a look has shown.</param>
internal sealed record KeptTraits(Func<LabelledImage, ImageTraits?> Find, Action<LabelledImage, ImageTraits> Keep);

/// <summary>
/// One look at every image of a set before it is split: each is decoded, as small as its format allows, so that what is damaged is known before anything depends on it, and near
/// duplicates can be kept on one side. Costs about a fifth of a full decode for JPEG, a full one for other formats.
/// </summary>
internal sealed record Inspection
{
    /// <summary>Without the images that cannot be decoded; near duplicates share <see cref="LabelledImage.Cluster"/>.</summary>
    public required ImageSet Set { get; init; }

    /// <summary>Of <see cref="ImageSet.Images"/>, in their order.</summary>
    public required IReadOnlyList<ImageTraits> Traits { get; init; }

    /// <summary>Copies and near duplicates, by their places in <see cref="ImageSet.Images"/>; the most alike first.</summary>
    public required IReadOnlyList<NearPair> Pairs { get; init; }

    /// <summary>The largest difference of two sketches that were taken for the same picture.</summary>
    public required double Threshold { get; init; }

    /// <param name="looked">Told how many images have been looked at.</param>
    /// <exception cref="GraftException">What is left has too few classes or images.</exception>
    public static Inspection Of(ImageSet set, DecodeLimits limits, int threads, IProgress<int>? looked, CancellationToken cancel, KeptTraits? kept = null)
    {
        ImageTraits?[] traits = new ImageTraits?[set.Images.Length];
        RejectedImage?[] rejected = new RejectedImage?[set.Images.Length];
        int done = 0;
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount, CancellationToken = cancel };
        Parallel.For(0, set.Images.Length, parallel, i =>
        {
            try
            {
                traits[i] = kept?.Find(set.Images[i]) ?? Look(set.Images[i], limits, kept);
            }
            catch (ImageException error)
            {
                rejected[i] = new(set.Images[i].Path, error.Reason) { Fault = error.Fault };
            }

            looked?.Report(Interlocked.Increment(ref done));
        });
        RejectedImage[] unusable = [.. rejected.OfType<RejectedImage>()];
        return Cluster(unusable.Length == 0 ? set : set.Without(unusable), [.. traits.OfType<ImageTraits>()], cancel);
    }

    private static ImageTraits Look(LabelledImage image, DecodeLimits limits, KeptTraits? kept)
    {
        byte[] bytes = ImageBytes.Read(image.File, limits);
        using DecodedImage decoded = ImageDecoder.Decode(bytes, image.Path, limits, Sketch.Shrink);
        ImageTraits traits = new(decoded.Header, decoded.OriginalWidth, decoded.OriginalHeight, bytes.LongLength, Sketch.Of(decoded));
        if (kept is not null && Convert.ToHexStringLower(SHA256.HashData(bytes)) == image.ContentHash)
        {
            kept.Keep(image, traits);   // of these bytes, not of what has taken their place since they were hashed
        }

        return traits;
    }

    // A cluster is called by the first of its content hashes, so that it is called the same wherever its files lie.
    private static Inspection Cluster(ImageSet set, IReadOnlyList<ImageTraits> traits, CancellationToken cancel)
    {
        (IReadOnlyList<NearPair> pairs, int[] clusters, double threshold) = NearDuplicates.Find(set.Images, [.. traits.Select(one => one.Sketch)], cancel);
        Dictionary<int, string> names = Enumerable.Range(0, clusters.Length).GroupBy(i => clusters[i])
            .ToDictionary(members => members.Key, members => members.Select(i => set.Images[i].ContentHash).Min(StringComparer.Ordinal)!);
        ImmutableArray<LabelledImage> images = [.. set.Images.Select((image, i) => image with { Cluster = names[clusters[i]] })];
        return new() { Set = set.With(images), Traits = traits, Pairs = pairs, Threshold = threshold };
    }
}
