using System.Collections.Immutable;

namespace Graft.Training.Data;

/// <summary>Joins images that must stay together: copies, near duplicates and members of one group.</summary>
internal static class ImageClusters
{
    /// <summary>
    /// The images with their clusters. A cluster is named by the smallest of its content hashes, wherever its files
    /// lie.
    /// </summary>
    /// <param name="clusters">Number of each image's cluster of copies and near duplicates.</param>
    public static ImmutableArray<LabelledImage> Assign(ImmutableArray<LabelledImage> images, int[] clusters)
    {
        int[] joined = WithGroups(images, clusters);
        Dictionary<int, string> names = Enumerable
            .Range(0, joined.Length)
            .GroupBy(i => joined[i])
            .ToDictionary(
                members => members.Key,
                members => members.Select(i => images[i].ContentHash).Min(StringComparer.Ordinal)!
            );
        return [.. images.Select((image, i) => image with { Cluster = names[joined[i]] })];
    }

    /// <summary>The images with clusters of byte-identical copies and groups alone.</summary>
    public static ImmutableArray<LabelledImage> Assign(ImmutableArray<LabelledImage> images)
    {
        if (images.All(image => image.Group is null))
        {
            return images; // the content hash is the cluster
        }

        Dictionary<string, int> first = [];
        int[] clusters = new int[images.Length];
        for (int i = 0; i < images.Length; i++)
        {
            first.TryAdd(images[i].ContentHash, i);
            clusters[i] = first[images[i].ContentHash];
        }

        return Assign(images, clusters);
    }

    private static int[] WithGroups(ImmutableArray<LabelledImage> images, int[] clusters)
    {
        UnionFind sets = new(images.Length);
        Dictionary<int, int> firstOfCluster = [];
        Dictionary<string, int> firstOfGroup = [];
        for (int i = 0; i < images.Length; i++)
        {
            sets.Join(i, FirstOf(firstOfCluster, clusters[i], i));
            if (images[i].Group is string group)
            {
                sets.Join(i, FirstOf(firstOfGroup, group, i));
            }
        }

        return [.. Enumerable.Range(0, images.Length).Select(sets.Root)];
    }

    private static int FirstOf<T>(Dictionary<T, int> firsts, T key, int image)
        where T : notnull
    {
        firsts.TryAdd(key, image);
        return firsts[key];
    }
}
