using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Training.Run;

namespace Graft.Training.Data;

/// <summary>What is odd or usual about an image, without its picture.</summary>
/// <param name="Width">Upright, in pixels.</param>
/// <param name="Height">Upright, in pixels.</param>
/// <param name="IsGrey">By its header or to look at.</param>
/// <param name="IsBlank">An even area.</param>
internal readonly record struct ImageTraits(
    ImageHeader Header,
    int Width,
    int Height,
    long FileBytes,
    bool IsGrey,
    bool IsBlank
);

/// <summary>What a look at an image's pixels shows.</summary>
/// <param name="Width">Upright, in pixels.</param>
/// <param name="Height">Upright, in pixels.</param>
internal sealed record PixelInspection(ImageHeader Header, int Width, int Height, long FileBytes, PerceptualHash Sketch)
{
    /// <summary>What is left of it without the sketch, which is most of its memory.</summary>
    public ImageTraits Traits => new(Header, Width, Height, FileBytes, Header.IsGrey || Sketch.IsGrey, Sketch.IsBlank);

    /// <summary>All of it, for <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        Array.ForEach(
            [
                (int)Header.Format,
                Header.IsGrey ? 1 : 0,
                Header.IsCmyk ? 1 : 0,
                Header.IsDeep ? 1 : 0,
                Header.Frames,
                Header.Orientation,
                Width,
                Height,
            ],
            writer.Write
        );
        writer.Write(FileBytes);
        writer.Write(Sketch.Planes);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Null where the bytes are of another length.</summary>
    public static PixelInspection? FromBytes(byte[] bytes)
    {
        const int Numbers = 8;
        const int SketchBytes = 3 * PerceptualHash.Side * PerceptualHash.Side;
        if (bytes.Length != (Numbers * sizeof(int)) + sizeof(long) + SketchBytes)
        {
            return null;
        }

        using BinaryReader reader = new(new MemoryStream(bytes));
        int[] numbers = [.. Enumerable.Range(0, Numbers).Select(_ => reader.ReadInt32())];
        ImageHeader header = new(
            (ImageFormat)numbers[0],
            numbers[1] == 1,
            numbers[2] == 1,
            numbers[3] == 1,
            numbers[4],
            numbers[5]
        );
        return new(
            header,
            numbers[6],
            numbers[7],
            reader.ReadInt64(),
            PerceptualHash.FromPlanes(reader.ReadBytes(SketchBytes))
        );
    }
}

/// <summary>What an earlier look has shown, so that an image is decoded once.</summary>
/// <param name="Find">By content; null where it was not looked at.</param>
/// <param name="Keep">Told what a look has shown.</param>
internal sealed record InspectionStore(
    Func<LabelledImage, PixelInspection?> Find,
    Action<LabelledImage, PixelInspection> Keep
);

/// <summary>
/// One look at every image of a set before it is split: each is decoded, as small as its format allows, so that what is
/// damaged is known before anything depends on it, and near
/// duplicates can be kept on one side. Costs about a fifth of a full decode for JPEG, a full one for other formats.
/// </summary>
internal sealed record Inspection
{
    private readonly DecodeLimits _limits;
    private readonly InspectionStore? _kept;

    private Inspection(DecodeLimits limits, InspectionStore? kept)
    {
        _limits = limits;
        _kept = kept;
    }

    /// <summary>
    /// Without the images that cannot be decoded; near duplicates share <see cref="LabelledImage.Cluster"/>.
    /// </summary>
    public required ImageSet Set { get; init; }

    /// <summary>Of <see cref="ImageSet.Images"/>, in their order.</summary>
    public required IReadOnlyList<ImageTraits> Traits { get; init; }

    /// <summary>
    /// Copies and near duplicates, by their places in <see cref="ImageSet.Images"/>; the most alike first.
    /// </summary>
    public required IReadOnlyList<NearPair> Pairs { get; init; }

    /// <summary>The largest difference of two sketches that were taken for the same picture.</summary>
    public required double Threshold { get; init; }

    /// <param name="looked">Told how many images have been looked at.</param>
    /// <param name="kept">Null: every look decodes.</param>
    /// <exception cref="GraftException">What is left has too few classes or images.</exception>
    public static Inspection Of(
        ImageSet set,
        DecodeLimits limits,
        int threads,
        IProgress<int>? looked,
        CancellationToken cancel,
        InspectionStore? kept = null
    )
    {
        PixelInspection?[] looks = new PixelInspection?[set.Images.Length];
        RejectedImage?[] rejected = new RejectedImage?[set.Images.Length];
        int done = 0;
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount,
            CancellationToken = cancel,
        };
        Parallel.For(0, set.Images.Length, parallel, i =>
        {
            try
            {
                looks[i] = Look(set.Images[i], limits, kept, cancel);
            }
            catch (ImageException error)
            {
                rejected[i] = new(set.Images[i].Name, error.Reason) { Fault = error.Fault };
            }

            looked?.Report(Interlocked.Increment(ref done));
        });
        RejectedImage[] unusable = [.. rejected.OfType<RejectedImage>()];
        set = unusable.Length == 0 ? set : set.Without(unusable);
        PixelInspection[] all = [.. looks.OfType<PixelInspection>()];
        (IReadOnlyList<NearPair> pairs, int[] clusters, double threshold) = NearDuplicates.Find(
            set.Images,
            [.. all.Select(one => one.Sketch)],
            cancel
        );
        return new(limits, kept)
        {
            Set = set.With(ImageClusters.Assign(set.Images, clusters)),
            Traits = [.. all.Select(one => one.Traits)],
            Pairs = pairs,
            Threshold = threshold,
        };
    }

    /// <summary>The inspection before a split, with progress as events of the phase "read".</summary>
    public static Inspection Of(
        ImageSet set,
        DataPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        InspectionStore? kept = null
    ) =>
        Of(
            set,
            plan.ImageLimits,
            plan.Threads,
            new ReadProgress(set.Images.Length, progress, TorchSetup.BeginLoading),
            cancel,
            kept
        );

    /// <summary>
    /// An image's sketch once more, from what was kept or by another look. They are not held: some pairs of images are
    /// all that is compared after this, and 20,000 sketches are 20 MB.
    /// </summary>
    /// <param name="place">In <see cref="ImageSet.Images"/>.</param>
    /// <exception cref="ImageException">Nothing was kept, and the file is gone or cannot be decoded any
    /// more.</exception>
    public PerceptualHash SketchOf(int place) => Look(Set.Images[place], _limits, _kept, default).Sketch;

    private static PixelInspection Look(
        LabelledImage image,
        DecodeLimits limits,
        InspectionStore? kept,
        CancellationToken cancel
    )
    {
        if (kept?.Find(image) is PixelInspection known)
        {
            return known;
        }

        byte[] bytes = image.ReadBytes(limits, cancel);
        using DecodedImage decoded = ImageDecoder.Decode(bytes, image.Name, limits, PerceptualHash.Shrink);
        PixelInspection look = new(
            decoded.Header,
            decoded.OriginalWidth,
            decoded.OriginalHeight,
            bytes.LongLength,
            PerceptualHash.Of(decoded)
        );
        if (kept is not null && Convert.ToHexStringLower(SHA256.HashData(bytes)) == image.ContentHash)
        {
            kept.Keep(image, look); // of these bytes, not of what has taken their place since they were hashed
        }

        return look;
    }
}
