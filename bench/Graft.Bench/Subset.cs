using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Bench;

/// <summary>
/// A few training images of each class, drawn by a seed; the data's test part, or where there is none all other images,
/// tests.
/// </summary>
internal static class Subset
{
    /// <summary>
    /// Writes the subset as a CSV into <paramref name="folder"/>, which may hold another one, and gives its path.
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

        string Row(LabelledImage image, string part) =>
            $"{Path.GetRelativePath(folder, image.File!).Replace(Path.DirectorySeparatorChar, '/')},{image.Label},{part}";
    }
}
