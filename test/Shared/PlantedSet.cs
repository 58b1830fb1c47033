using System.Globalization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Data;
using NetVips;

namespace Graft.Tests;

/// <summary>
/// A set of photographs with faults put in on purpose, as a CSV that names the photographs where they lie.
/// </summary>
/// <param name="Planted">Of a leak: the new files' names. Of wrong labels: the paths of the images, as the set has
/// them.</param>
internal sealed record PlantedSet(string Csv, IReadOnlyList<string> Planted)
{
    /// <summary>
    /// Test images of a CSV, encoded again, resized or mirrored, once more among the training images.
    /// </summary>
    public static PlantedSet Leak(string csv, string folder, int count, ulong seed)
    {
        Vips.Prepare();
        ImageSet set = ImageSet.Load(csv);
        LabelledImage[] test = [.. set.Images.Where(image => image.Part == ImagePart.Test)];
        int[] order = new CountedRandom(seed, RandomPurpose.Split).Permutation(test.Length);
        List<string> rows = [.. set.Images.Select(Row)];
        List<string> planted = [];
        for (int i = 0; i < count; i++)
        {
            LabelledImage image = test[order[i]];
            using Image picture = Image.NewFromFile(image.File);
            byte[] bytes = (i % 4) switch
            {
                0 => picture.JpegsaveBuffer(q: 35 + i),
                1 => picture.Resize(0.3 + (0.02 * i)).JpegsaveBuffer(q: 80),
                2 => picture.FlipHor().JpegsaveBuffer(q: 85),
                _ => picture.FlipHor().Resize(0.6).WebpsaveBuffer(q: 60),
            };
            planted.Add($"planted-{i:00}");
            string file = Path.Combine(folder, $"planted-{i:00}{(i % 4 == 3 ? ".webp" : ".jpg")}");
            File.WriteAllBytes(file, bytes);
            rows.Add(Row(image with { File = file, Part = ImagePart.Train }));
        }

        return new(Write(folder, rows), planted);
    }

    /// <summary>A CSV's images of which a share have another class's label.</summary>
    public static PlantedSet WrongLabels(string csv, string folder, double share, ulong seed)
    {
        ImageSet set = ImageSet.Load(csv);
        CountedRandom random = new(seed, RandomPurpose.Folds);
        HashSet<int> wrong = [.. random.Permutation(set.Images.Length).Take((int)(share * set.Images.Length))];
        List<string> rows = [];
        List<string> planted = [];
        for (int i = 0; i < set.Images.Length; i++)
        {
            LabelledImage image = set.Images[i];
            int other =
                (set.Classes.IndexOf(image.Label) + 1 + random.Below(set.Classes.Length - 1, (uint)(100_000 + i)))
                % set.Classes.Length;
            rows.Add(Row(wrong.Contains(i) ? image with { Label = set.Classes[other] } : image));
            if (wrong.Contains(i))
            {
                planted.Add(Path.GetRelativePath(folder, image.File!).Replace(Path.DirectorySeparatorChar, '/'));
            }
        }

        return new(Write(folder, rows), planted);
    }

    private static string Row(LabelledImage image) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{image.File},{image.Label},{(image.Part is ImagePart part ? PartName.Of(part) : "")}"
        );

    private static string Write(string folder, List<string> rows)
    {
        string csv = Path.Combine(folder, "images.csv");
        File.WriteAllLines(csv, rows.Prepend("path,label,split"));
        return csv;
    }
}
