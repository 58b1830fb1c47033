using System.Collections.Concurrent;
using Graft.Imaging;
using Graft.Training.Data;
using NetVips;

namespace Graft.Training.Tests.Data;

public sealed class InspectionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("encoded")]
    [InlineData("third")]
    [InlineData("mirrored")]
    [InlineData("webp")]
    [InlineData("mirrored small")]
    [InlineData("turned by EXIF")]
    public void The_same_picture_in_another_guise_shares_a_cluster(string guise)
    {
        using Image picture = Cloud(1, 240, 180);
        _ = folder.Write("a/copy.jpg", Disguised(picture, guise));
        _ = folder.Write("a/original.jpg", picture.JpegsaveBuffer(q: 95));
        AddStrangers();

        Inspection inspection = Look();

        Assert.Equal(ClusterOf(inspection, "a/original.jpg"), ClusterOf(inspection, "a/copy.jpg"));
        NearPair pair = Assert.Single(inspection.Pairs);
        Assert.Equal(guise.StartsWith("mirrored", StringComparison.Ordinal), pair.IsMirrored);
    }

    [Fact]
    public void Strangers_share_nothing()
    {
        AddStrangers();

        Inspection inspection = Look();

        Assert.Empty(inspection.Pairs);
        Assert.All(inspection.Set.Images, image => Assert.Equal(image.ContentHash, image.Cluster));
    }

    [Fact]
    public void Even_areas_are_not_taken_for_each_other()
    {
        for (byte i = 0; i < 6; i++)
        {
            _ = folder.Write($"a/{i}.png", TinyClassifier.Png((byte)(200 + i), 40, 90));
        }

        AddStrangers();

        Assert.Empty(Look().Pairs);
    }

    [Fact]
    public void Where_all_pictures_are_alike_only_what_is_nearer_than_strangers_counts()
    {
        using Image table = Cloud(1, 240, 180);
        for (int i = 0; i < 12; i++)
        {
            using Image spot = Cloud(50 + i, 240, 180).Linear([0.15], [-19.0]); // a little on the same table
            using Image scene = (table + spot)
                .Cast(Enums.BandFormat.Uchar)
                .Copy(interpretation: Enums.Interpretation.Srgb);
            _ = folder.Write($"{(i % 2 == 0 ? "a" : "b")}/{i}.png", scene.PngsaveBuffer());
            if (i == 3)
            {
                _ = folder.Write("b/3-again.jpg", scene.JpegsaveBuffer(q: 90));
            }
        }

        Inspection inspection = Look();

        Assert.Equal(
            ["b/3-again.jpg = b/3.png"],
            inspection.Pairs.Select(pair =>
                $"{inspection.Set.Images[pair.First].Name} = {inspection.Set.Images[pair.Second].Name}"
            )
        );
    }

    [Fact]
    public void Near_duplicates_stay_on_one_side_of_every_split()
    {
        for (int i = 0; i < 20; i++)
        {
            using Image picture = Cloud(i, 120, 120);
            _ = folder.Write($"a/{i}.png", picture.PngsaveBuffer());
            _ = folder.Write($"a/{i}-small.jpg", Disguised(picture, "third"));
            using Image other = Cloud(500 + i, 120, 120);
            _ = folder.Write($"b/{i}.png", other.PngsaveBuffer());
        }

        ImageSet set = Look().Set;

        Assert.Equal(
            20,
            set.Images.Where(image => image.Label == "a").Select(image => image.Cluster).Distinct().Count()
        );
        for (long seed = 0; seed < 10; seed++)
        {
            ImageSplit split = ImageSplit.Create(set, new() { Seed = seed });
            Assert.All(split.Images.GroupBy(image => image.Cluster), cluster =>
                Assert.Single(cluster.Select(image => image.Part).Distinct())
            );
            Assert.Empty(split.Warnings);
        }
    }

    [Fact]
    public void A_class_that_is_one_film_is_split_all_the_same_and_a_warning_says_so()
    {
        using Image picture = Cloud(1, 120, 120);
        for (int i = 0; i < 8; i++)
        {
            _ = folder.Write($"a/{i}.jpg", picture.JpegsaveBuffer(q: 50 + (5 * i)));
            using Image other = Cloud(500 + i, 120, 120);
            _ = folder.Write($"b/{i}.png", other.PngsaveBuffer());
        }

        ImageSplit split = ImageSplit.Create(Look().Set);

        Assert.Contains(
            "class 'a' are near duplicates of each other",
            Assert.Single(split.Warnings),
            StringComparison.Ordinal
        );
        Assert.All(Enum.GetValues<ImagePart>(), part =>
            Assert.Contains(split.Images, image => image.Label == "a" && image.Part == part)
        );
    }

    [Fact]
    public void What_cannot_be_decoded_is_left_out_before_the_split()
    {
        AddStrangers();
        using Image picture = Cloud(7, 200, 200);
        byte[] whole = picture.JpegsaveBuffer();
        _ = folder.Write("a/torn.jpg", whole[..(whole.Length / 2)]);

        ImageSet set = Look().Set;

        RejectedImage torn = Assert.Single(set.Rejected);
        Assert.Equal(("a/torn.jpg", ImageFault.Truncated), (torn.Path, torn.Fault));
        Assert.DoesNotContain(set.Images, image => image.Name == "a/torn.jpg");
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        AddStrangers();
        ImageSet set = Sets.Load(folder.Root);

        Inspection one = Inspection.Of(set, new(), 1, null, TestContext.Current.CancellationToken);
        Inspection many = Inspection.Of(set, new(), 4, null, TestContext.Current.CancellationToken);

        Assert.Equal(one.Set.Images, many.Set.Images);
        Assert.Equal(one.Pairs, many.Pairs);
        Assert.Equal(one.Threshold, many.Threshold);
    }

    [Fact]
    public void A_perceptual_hash_is_read_from_what_was_kept_or_computed_from_the_file()
    {
        AddStrangers();
        ImageSet set = Sets.Load(folder.Root);
        ConcurrentDictionary<string, byte[]> kept = [];
        InspectionStore store = new(
            image => kept.TryGetValue(image.ContentHash, out byte[]? bytes) ? PixelInspection.FromBytes(bytes) : null,
            (image, look) => kept[image.ContentHash] = look.ToBytes()
        );

        Inspection keeping = Inspection.Of(set, new(), 0, null, TestContext.Current.CancellationToken, store);
        Inspection looking = Look();
        byte[] before = looking.HashOf(3).Planes.ToArray();
        File.Delete(set.Images[3].File!);

        Assert.Equal(12, kept.Count);
        Assert.Equal(before, keeping.HashOf(3).Planes.ToArray());
        Assert.NotEqual(before, keeping.HashOf(4).Planes.ToArray());
        Assert.Throws<ImageException>(() => looking.HashOf(3));
    }

    private Inspection Look() =>
        Inspection.Of(Sets.Load(folder.Root), new(), 0, null, TestContext.Current.CancellationToken);

    private static string ClusterOf(Inspection inspection, string path) =>
        inspection.Set.Images.Single(image => image.Name == path).Cluster;

    private void AddStrangers()
    {
        for (int i = 0; i < 12; i++)
        {
            using Image picture = Cloud(1000 + i, 160, 120);
            _ = folder.Write($"{(i % 2 == 0 ? "a" : "b")}/stranger-{i:00}.png", picture.PngsaveBuffer());
        }
    }

    private static byte[] Disguised(Image picture, string guise) =>
        guise switch
        {
            "encoded" => picture.JpegsaveBuffer(q: 30),
            "third" => picture.Resize(0.33).JpegsaveBuffer(),
            "mirrored" => picture.FlipHor().JpegsaveBuffer(q: 80),
            "webp" => picture.Resize(0.7).WebpsaveBuffer(q: 60),
            "mirrored small" => picture.FlipHor().Resize(0.4).JpegsaveBuffer(q: 60),
            _ => picture.Rot90().Mutate(image => image.Set(GValue.GIntType, "orientation", 8)).JpegsaveBuffer(q: 90),
        };

    /// <summary>Soft blots of colours, another picture for each seed.</summary>
    internal static Image Cloud(int seed, int width, int height)
    {
        Vips.Prepare();
        Image[] channels =
        [
            .. Enumerable
                .Range(0, 3)
                .Select(c =>
                    Image
                        .Gaussnoise(8, 6, mean: 128, sigma: 60, seed: (seed * 3) + c)
                        .Resize(width / 8.0, vscale: height / 6.0)
                ),
        ];
        using Image joined = channels[0].Bandjoin(channels[1..]);
        return joined.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }
}
