namespace Graft.Training.Tests.Data;

public sealed class ImageSplitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_class_is_divided_in_the_same_shares()
    {
        ImageSplit split = ImageSplit.Create(Folder(("a", 100), ("b", 20), ("c", 3)));

        // 15 of 100; 13 of the 85 left
        Assert.Equal((72, 13, 15), (Count(split.Train, "a"), Count(split.Validation, "a"), Count(split.Test, "a")));
        Assert.Equal((14, 3, 3), (Count(split.Train, "b"), Count(split.Validation, "b"), Count(split.Test, "b")));
        Assert.Equal((1, 1, 1), (Count(split.Train, "c"), Count(split.Validation, "c"), Count(split.Test, "c")));
        Assert.Equal(123, split.Images.Length);
        Assert.Empty(split.Warnings);
    }

    [Fact]
    public void Copies_stay_on_one_side()
    {
        for (int i = 0; i < 60; i++)
        {
            _ = folder.Write($"a/{i}.jpg", ImageSetTests.Picture(i / 3)); // twenty pictures, three times each
            _ = folder.Write($"b/{i}.jpg", ImageSetTests.Picture(1000 + i));
        }

        for (long seed = 0; seed < 20; seed++)
        {
            ImageSplit split = ImageSplit.Create(Sets.Load(folder.Root), new() { Seed = seed });

            Assert.All(split.Images.GroupBy(image => image.ContentHash), copies =>
                Assert.Single(copies.Select(image => image.Part).Distinct())
            );
            Assert.Equal(9, Count(split.Test, "a")); // three groups of three
            Assert.Empty(split.Warnings);
        }
    }

    [Fact]
    public void Copies_under_two_labels_stay_on_one_side_too()
    {
        ImageSet set = Folder(("a", 10), ("b", 10));
        _ = folder.Write("a/same.jpg", ImageSetTests.Picture(5000));
        _ = folder.Write("b/same.jpg", ImageSetTests.Picture(5000));
        set = Sets.Load(folder.Root);

        for (long seed = 0; seed < 20; seed++)
        {
            ImageSplit split = ImageSplit.Create(set, new() { Seed = seed });
            Assert.Single(
                split
                    .Images.Where(image => image.Name.EndsWith("same.jpg", StringComparison.Ordinal))
                    .Select(image => image.Part)
                    .Distinct()
            );
        }
    }

    [Fact]
    public void A_class_made_mostly_of_copies_still_fills_every_part()
    {
        for (int i = 0; i < 30; i++)
        {
            _ = folder.Write(
                $"a/{i}.jpg",
                ImageSetTests.Picture(
                    i < 14 ? 1
                    : i < 28 ? 2
                    : 3
                )
            ); // 14, 14 and 2 copies
            _ = folder.Write($"b/{i}.jpg", ImageSetTests.Picture(1000 + i));
        }

        for (long seed = 0; seed < 10; seed++)
        {
            ImageSplit split = ImageSplit.Create(Sets.Load(folder.Root), new() { Seed = seed });
            Assert.Equal((14, 14, 2), (Count(split.Train, "a"), Count(split.Validation, "a"), Count(split.Test, "a")));
        }
    }

    [Fact]
    public void The_split_follows_seed_and_content_not_names_or_order()
    {
        ImageSet set = Folder(("a", 40), ("b", 40));
        using TemporaryFolder renamed = new();
        foreach (LabelledImage image in set.Images)
        {
            _ = renamed.Write($"{image.Label}/{image.ContentHash[..20]}.jpg", File.ReadAllBytes(image.File!));
        }

        string[] first = TestHashes(ImageSplit.Create(set, new() { Seed = 3 }));

        Assert.Equal(first, TestHashes(ImageSplit.Create(Sets.Load(renamed.Root), new() { Seed = 3 })));
        Assert.NotEqual(first, TestHashes(ImageSplit.Create(set, new() { Seed = 4 })));
    }

    [Fact]
    public void Given_test_images_stay_and_validation_comes_out_of_train()
    {
        for (int i = 0; i < 20; i++)
        {
            _ = folder.Write($"train/a/{i}.jpg", ImageSetTests.Picture(i));
            _ = folder.Write($"train/b/{i}.jpg", ImageSetTests.Picture(100 + i));
            _ = folder.Write($"test/{(i % 2 == 0 ? "a" : "b")}/{i}.jpg", ImageSetTests.Picture(200 + i));
        }

        ImageSplit split = ImageSplit.Create(Sets.Load(folder.Root));

        Assert.All(split.Test, image => Assert.StartsWith("test/", image.Name, StringComparison.Ordinal));
        Assert.Equal((34, 6, 20), (split.Train.Length, split.Validation.Length, split.Test.Length));
    }

    [Fact]
    public void Given_parts_are_kept_and_a_leak_is_warned_of()
    {
        foreach (string part in new[] { "train", "val", "test" })
        {
            _ = folder.Write($"{part}/a/1.jpg", ImageSetTests.Picture(part == "val" ? 9 : 1));
            _ = folder.Write($"{part}/b/1.jpg", ImageSetTests.Picture(2000 + part[0] + part[1]));
            _ = folder.Write($"{part}/b/{part}.jpg", ImageSetTests.Picture(1000 + part[1]));
        }

        ImageSet set = Sets.Load(folder.Root);
        ImageSplit split = ImageSplit.Create(set);

        Assert.Equal(set.Images, split.Images);
        Assert.Contains(
            "'test/a/1.jpg' (test) and 'train/a/1.jpg' (train) are byte-identical",
            Assert.Single(split.Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Too_few_different_images_are_refused_by_class()
    {
        ImageSet set = Folder(("a", 10), ("b", 2));
        _ = folder.Write("b/copy.jpg", File.ReadAllBytes(set.Images[^1].File!));

        GraftException error = Assert.Throws<GraftException>(() => ImageSplit.Create(Sets.Load(folder.Root)));

        Assert.Contains(
            "the class 'b' has 2 different images to train on, and 3 are the least to draw test and val and train from",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Shares_out_of_range_are_refused() =>
        Assert.Throws<OptionsException>(() => ImageSplit.Create(Folder(("a", 5), ("b", 5)), new() { TestShare = 0.9 }));

    [Fact]
    public void Split_csv_gives_the_same_split_back_even_for_odd_names()
    {
        _ = Folder(("a", 6), (OperatingSystem.IsWindows() ? "b, c" : "=b,\n\"c\" ", 6));
        ImageSet set = Sets.Load(folder.Root);
        ImageSplit split = ImageSplit.Create(set, new() { Seed = 2 });
        string path = Path.Combine(folder.Root, "split.csv");

        SplitFile.Write(split, path);

        Assert.Equal(split.Images, SplitFile.Read(path, set).Images);
        Assert.StartsWith("path,label,split\n", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Split_csv_of_other_data_is_refused()
    {
        ImageSet set = Folder(("a", 6), ("b", 6));
        string path = Path.Combine(folder.Root, "split.csv");
        SplitFile.Write(ImageSplit.Create(set), path);
        _ = folder.Write("a/new.jpg", ImageSetTests.Picture(77));

        GraftException error = Assert.Throws<GraftException>(() => SplitFile.Read(path, Sets.Load(folder.Root)));
        Assert.Contains("does not have 'a/new.jpg'", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "which the data no longer have",
            Assert.Throws<GraftException>(() => SplitFile.Read(path, set.Without([new("a/0.jpg", "torn")]))).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(path, "nonsense\n\"");
        Assert.Throws<GraftException>(() => SplitFile.Read(path, set));
    }

    [Fact]
    public void Unusable_images_leave_the_others_where_they_are()
    {
        ImageSplit split = ImageSplit.Create(Folder(("a", 10), ("b", 10)));
        string bad = split.Train[0].Name;

        ImageSplit left = split.Without([new(bad, "torn")]);

        Assert.Equal(split.Images.Where(image => image.Name != bad), left.Images);
    }

    private static int Count(IEnumerable<LabelledImage> images, string label) =>
        images.Count(image => image.Label == label);

    private static string[] TestHashes(ImageSplit split) =>
        [.. split.Test.Select(image => image.ContentHash).Order(StringComparer.Ordinal)];

    private ImageSet Folder(params (string Name, int Count)[] classes)
    {
        int number = 10_000;
        foreach ((string name, int count) in classes)
        {
            for (int i = 0; i < count; i++)
            {
                _ = folder.Write($"{name}/{i}.jpg", ImageSetTests.Picture(number++));
            }
        }

        return Sets.Load(folder.Root);
    }
}
