using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Bench;

/// <summary>
/// Draws a few training images of each class by a seed. The test part of the data tests; without one, all other images
/// do.
/// </summary>
internal static class Subset
{
    /// <summary>
    /// Writes the subset as a CSV file into <paramref name="folder"/> and returns its path.
    /// </summary>
    public static string Write(ImageSet set, string folder, int perClass, int seed)
    {
        bool hasTest = set.Images.Any(image => image.Part == ImagePart.Test);
        List<string> rows = ["path,label,split"];
        int number = 0;
        foreach (IGrouping<string, LabelledImage> group in set.Images.GroupBy(image => image.Label))
        {
            LabelledImage[] pool = [.. group.Where(image => image.Part != ImagePart.Test)];
            int[] order = new CountedRandom((ulong)seed, RandomPurpose.Split, 0, (ulong)number++).Permutation(
                pool.Length
            );
            rows.AddRange(order.Take(perClass).Order().Select(i => Row(pool[i], "train")));
            rows.AddRange(
                hasTest
                    ? group.Where(image => image.Part == ImagePart.Test).Select(image => Row(image, "test"))
                    : order.Skip(perClass).Order().Select(i => Row(pool[i], "test"))
            );
        }

        string path = Path.Combine(folder, $"subset-{perClass}-{seed}.csv");
        File.WriteAllLines(path, rows);
        return path;

        string Row(LabelledImage image, string part)
        {
            string file = Path.GetRelativePath(folder, image.File!).Replace(Path.DirectorySeparatorChar, '/');
            return $"{file},{image.Label},{part}";
        }
    }
}
