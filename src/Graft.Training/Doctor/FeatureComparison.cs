using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Doctor;

/// <summary>Compares images by their features.</summary>
internal static class FeatureComparison
{
    private const int TileRows = 1024; // 1024 x 1024 similarities take 4 MB
    private const double MinNorm = 1e-12; // zero features stay zero

    /// <summary>Compares all pairs of images by the cosine of their features.</summary>
    /// <param name="images">[N] images.</param>
    /// <param name="features">[N,F] their features.</param>
    /// <param name="minSimilarity">Smallest cosine of a close pair.</param>
    /// <param name="cancel">Stops the comparison.</param>
    /// <returns>
    /// [N] similarity of each image to the nearest stranger, an image of another class that is no copy of it; and the
    /// close pairs, most similar first.
    /// </returns>
    public static (float[] Strangers, IReadOnlyList<ClosePair> Close) Run(
        IReadOnlyList<LabelledImage> images,
        FeatureMatrix features,
        float minSimilarity,
        CancellationToken cancel
    )
    {
        (int[] labels, int[] clusters) = (
            Numbered(images, image => image.Label),
            Numbered(images, image => image.Cluster)
        );
        float[] strangers = new float[images.Count];
        ClosePairs close = new(minSimilarity);
        for (int first = 0; first < images.Count; first += TileRows)
        {
            using DisposeScope outer = NewDisposeScope();
            Tensor some = Units(first); // [n,F]
            for (int second = first; second < images.Count; second += TileRows)
            {
                cancel.ThrowIfCancellationRequested();
                using DisposeScope inner = NewDisposeScope();
                Tensor others = second == first ? some : Units(second); // [m,F]
                AddTile(
                    MemoryMarshal.Cast<byte, float>(some.mm(others.t()).bytes),
                    (first, second),
                    labels,
                    clusters,
                    strangers,
                    close
                ); // [n,m]
            }
        }

        return (strangers, close.Ordered());

        Tensor Units(int from)
        {
            Tensor rows = features.Load(from, Math.Min(TileRows, images.Count - from));
            // in place, because a tile of 3,072 features takes 12 MB
            return rows.div_(rows.norm(1, keepdim: true).clamp_min_(Held(MinNorm)));
        }
    }

    // The same number for the same name.
    private static int[] Numbered(IReadOnlyList<LabelledImage> images, Func<LabelledImage, string> nameOf)
    {
        Dictionary<string, int> numbers = [];
        return
        [
            .. images
                .Select(nameOf)
                .Select(name => numbers.TryGetValue(name, out int known) ? known : numbers[name] = numbers.Count),
        ];
    }

    // A thousand images have a million pairs. Most are done before the runtime would optimise the method by itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile(
        ReadOnlySpan<float> similarities,
        (int First, int Second) at,
        int[] labels,
        int[] clusters,
        float[] strangers,
        ClosePairs close
    )
    {
        int width = Math.Min(TileRows, labels.Length - at.Second);
        for (int row = 0; row * width < similarities.Length; row++)
        {
            int image = at.First + row;
            // each pair once
            for (int other = Math.Max(at.Second, image + 1); other < at.Second + width; other++)
            {
                float similarity = similarities[(row * width) + other - at.Second];
                if (labels[other] != labels[image] && clusters[other] != clusters[image])
                {
                    strangers[image] = Math.Max(strangers[image], similarity);
                    strangers[other] = Math.Max(strangers[other], similarity);
                }

                close.Add(new(image, other, similarity));
            }
        }
    }
}
