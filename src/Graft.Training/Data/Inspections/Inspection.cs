using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Run;

namespace Graft.Training.Data;

/// <summary>
/// The inspection of a set before it is split. Each image is decoded at the smallest size that its format allows. This
/// finds damaged images before anything depends on them, and near duplicates, which must stay in one part. It costs
/// about a fifth of a full decode for JPEG, and a full decode for other formats.
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
    /// The set without the images that cannot be decoded. Near duplicates share <see cref="LabelledImage.Cluster"/>.
    /// </summary>
    public required ImageSet Set { get; init; }

    /// <summary>Properties of the images, in the order of <see cref="ImageSet.Images"/>.</summary>
    public required IReadOnlyList<ImageTraits> Traits { get; init; }

    /// <summary>
    /// Pairs of copies and near duplicates, by their indices in <see cref="ImageSet.Images"/>; the most similar first.
    /// </summary>
    public required IReadOnlyList<NearPair> Pairs { get; init; }

    /// <summary>Largest difference of two perceptual hashes that count as the same picture.</summary>
    public required double Threshold { get; init; }

    /// <summary>Inspects a set.</summary>
    /// <param name="looked">Receives the number of inspected images.</param>
    /// <param name="kept">Results of earlier inspections; null: every image is decoded.</param>
    /// <exception cref="GraftException">There are too few classes or usable images.</exception>
    public static Inspection Of(
        ImageSet set,
        DecodeLimits limits,
        int threads,
        IProgress<int>? looked,
        CancellationToken cancel,
        InspectionStore? kept = null
    )
    {
        (PixelInspection?[] looks, RejectedImage?[] rejected) = LookAtEach(
            set.Images,
            limits,
            threads,
            looked,
            kept,
            cancel
        );
        RejectedImage[] unusable = [.. rejected.OfType<RejectedImage>()];
        set = unusable.Length == 0 ? set : set.Without(unusable);
        PixelInspection[] all = [.. looks.OfType<PixelInspection>()];
        (IReadOnlyList<NearPair> pairs, int[] clusters, double threshold) = NearDuplicates.Find(
            set.Images,
            [.. all.Select(one => one.Hash)],
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

    /// <summary>The same inspection of the set for a task; null: as it is.</summary>
    public Inspection As(ClassificationTask? asked) =>
        Set.As(asked) is ImageSet set && !ReferenceEquals(set, Set) ? this with { Set = set } : this;

    /// <summary>
    /// The perceptual hash of an image. It is read from the store or computed again: later only a few pairs are
    /// compared, and the hashes of 20,000 images would take 20 MB.
    /// </summary>
    /// <param name="place">Index in <see cref="ImageSet.Images"/>.</param>
    /// <exception cref="ImageException">The store has no result, and the image can no longer be read.</exception>
    public PerceptualHash HashOf(int place) => Look(Set.Images[place], _limits, _kept, default).Hash;

    /// <summary>Looks at images whose results are not kept yet, and keeps them.</summary>
    /// <param name="images">The images.</param>
    /// <param name="limits">What decoding an image may cost.</param>
    /// <param name="threads">Threads that decode; 0: one per core.</param>
    /// <param name="kept">Where the results go.</param>
    /// <param name="cancel">Stops the looks.</param>
    /// <returns>The images that cannot be used.</returns>
    public static IReadOnlyList<RejectedImage> Keep(
        IReadOnlyList<LabelledImage> images,
        DecodeLimits limits,
        int threads,
        InspectionStore kept,
        CancellationToken cancel
    ) => [.. LookAtEach(images, limits, threads, null, kept, cancel).Rejected.OfType<RejectedImage>()];

    private static (PixelInspection?[] Looks, RejectedImage?[] Rejected) LookAtEach(
        IReadOnlyList<LabelledImage> images,
        DecodeLimits limits,
        int threads,
        IProgress<int>? looked,
        InspectionStore? kept,
        CancellationToken cancel
    )
    {
        PixelInspection?[] looks = new PixelInspection?[images.Count];
        RejectedImage?[] rejected = new RejectedImage?[images.Count];
        int done = 0;
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount,
            CancellationToken = cancel,
        };
        Parallel.For(0, images.Count, parallel, i =>
        {
            try
            {
                looks[i] = Look(images[i], limits, kept, cancel);
            }
            catch (ImageException error)
            {
                rejected[i] = RejectedImage.Of(images[i].Name, error);
            }

            looked?.Report(Interlocked.Increment(ref done));
        });
        return (looks, rejected);
    }

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
            kept.Add(image, look); // the file may have changed since it was hashed
        }

        return look;
    }
}
