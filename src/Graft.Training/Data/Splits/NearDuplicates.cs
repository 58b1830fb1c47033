using System.Numerics;
using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Two images that show the same picture.</summary>
/// <param name="First">Index of the first image in the set.</param>
/// <param name="Second">Index of the second image, above the first.</param>
/// <param name="Difference">Difference of their perceptual hashes; 0 for copies.</param>
/// <param name="IsMirrored">True if one image is the mirror image of the other.</param>
internal sealed record NearPair(int First, int Second, double Difference, bool IsMirrored);

/// <summary>
/// Finds images that were encoded again, resized or mirrored, by their perceptual hashes. The threshold is a fixed
/// difference, or less where images of different classes are similar: these cannot be duplicates. Parts photographed on
/// one table, for example, all look alike.
/// </summary>
internal sealed class NearDuplicates
{
    /// <summary>
    /// Measured on Flowers-17 (docs/results.md): images that are encoded again at quality 30, reduced to a third or
    /// mirrored differ by less than 0.01; different photographs differ by more than 0.1.
    /// </summary>
    private const double MostDifference = 0.05;
    private const double ShareOfStrangers = 0.3;
    private const double StrangersQuantile = 0.05;
    private const int StrangersAsked = 150;
    private const int StrangersSeen = 20_000;
    private const int MostBits = 14; // that may differ, of 63; unrelated images differ in 31, plus or minus 5
    private const int MostPartners = 32; // listed per image; the clusters contain all

    private readonly LabelledImage[] images; // arrays, for speed: a thousand images have half a million pairs
    private readonly PerceptualHash[] hashes;

    private NearDuplicates(IReadOnlyList<LabelledImage> images, IReadOnlyList<PerceptualHash> hashes)
    {
        this.images = [.. images];
        this.hashes = [.. hashes];
    }

    /// <summary>
    /// The pairs, the most similar first, and the cluster of each image: the index of its first member.
    /// </summary>
    public static (IReadOnlyList<NearPair> Pairs, int[] Clusters, double Threshold) Find(
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<PerceptualHash> hashes,
        CancellationToken cancel
    )
    {
        NearDuplicates search = new(images, hashes);
        double threshold = Math.Min(MostDifference, ShareOfStrangers * search.Strangers());
        NearPair[]?[] found = new NearPair[]?[images.Count];
        Parallel.For(0, images.Count, new ParallelOptions { CancellationToken = cancel }, i =>
            found[i] = search.PartnersOf(i, threshold)
        );

        UnionFind clusters = new(images.Count);
        List<NearPair> pairs = [];
        foreach (NearPair[]? partners in found)
        {
            Array.ForEach(partners!, pair => clusters.Join(pair.First, pair.Second));
            pairs.AddRange(partners!.OrderBy(pair => pair.Difference).Take(MostPartners));
        }

        return (
            [.. pairs.OrderBy(pair => pair.Difference)],
            [.. Enumerable.Range(0, images.Count).Select(clusters.Root)],
            threshold
        );
    }

    private NearPair[] PartnersOf(int first, double threshold)
    {
        List<NearPair> partners = [];
        PerceptualHash own = hashes[first];
        for (int second = first + 1; second < images.Length; second++)
        {
            PerceptualHash other = hashes[second];
            if (images[first].ContentHash == images[second].ContentHash)
            {
                partners.Add(new(first, second, 0, false));
                continue;
            }

            bool isNear = BitOperations.PopCount(own.Hash ^ other.Hash) <= MostBits;
            bool isNearMirrored = BitOperations.PopCount(own.Hash ^ other.MirroredHash) <= MostBits;
            double plain = isNear ? own.DifferenceTo(other, false) : double.PositiveInfinity;
            double mirrored = isNearMirrored ? own.DifferenceTo(other, true) : double.PositiveInfinity;
            if (Math.Min(plain, mirrored) <= threshold)
            {
                partners.Add(new(first, second, Math.Min(plain, mirrored), mirrored < plain));
            }
        }

        return [.. partners];
    }

    /// <summary>
    /// Typical smallest difference between images of different classes. It is a low quantile over a sample, so a few
    /// wrong labels do not matter.
    /// </summary>
    private double Strangers()
    {
        int step = Math.Max(1, images.Length / StrangersAsked);
        int stride = Math.Max(1, images.Length / StrangersSeen);
        int[] asked = [.. Enumerable.Range(0, images.Length).Where(i => i % step == 0)];
        double[] nearest = new double[asked.Length];
        Parallel.For(0, asked.Length, i => nearest[i] = NearestStranger(asked[i], stride));
        double[] ordered = [.. nearest.Where(double.IsFinite).Order()];
        return ordered.Length == 0 ? double.PositiveInfinity : ordered[(int)(StrangersQuantile * ordered.Length)];
    }

    // Compares with every n-th image.
    private double NearestStranger(int image, int stride)
    {
        double nearest = double.PositiveInfinity;
        for (int other = 0; other < images.Length; other += stride)
        {
            if (images[other].Label != images[image].Label)
            {
                nearest = Math.Min(nearest, hashes[image].DifferenceTo(hashes[other], false));
            }
        }

        return nearest;
    }
}
