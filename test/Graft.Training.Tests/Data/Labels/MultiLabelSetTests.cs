using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training.Tests.Data;

public sealed class MultiLabelSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_with_two_labels_makes_the_set_one_of_several_labels()
    {
        ImageSet set = await Create(Image(1, "nut"), Image(2, "nut", "bolt"), Image(3, "bolt"), Image(4));

        Assert.Equal(ClassificationTask.MultiLabel, set.Task);
        Assert.Equal(["bolt", "nut"], set.Classes);
        Assert.Equal(["nut", "bolt;nut", "bolt", ""], set.Images.Select(image => image.Label));
        Assert.Contains("several labels a picture: 1 of 4 images have more than one, 1 have none", set.Notes);
    }

    [Fact]
    public async Task Images_of_one_label_each_are_a_set_of_single_labels()
    {
        LabelledImage[] images = [.. Enumerable.Range(0, 8).Select(i => Image(i, i % 2 == 0 ? "nut" : "bolt"))];

        Assert.Equal(ClassificationTask.SingleLabel, (await Create(images)).Task);
        Assert.Equal(ClassificationTask.MultiLabel, (await Create(ClassificationTask.MultiLabel, images)).Task);
    }

    [Theory]
    [InlineData("'2.jpg' has 2 labels, 'bolt' and 'nut', and one label a picture was asked for", "nut", "bolt")]
    [InlineData("'2.jpg' has no label, and one label a picture was asked for")]
    public async Task An_image_of_several_labels_or_none_is_named_where_one_is_asked_for(
        string message,
        params string[] labels
    )
    {
        LabelledImage[] images =
        [
            Image(1, "nut"),
            Image(2, labels),
            Image(3, "bolt"),
            Image(4, "bolt"),
            Image(5, "nut"),
        ];

        GraftException error = await Assert.ThrowsAsync<GraftException>(() =>
            Create(ClassificationTask.SingleLabel, images)
        );

        Assert.Contains(message, error.Message);
        Assert.Equal("Task", error.Option);
    }

    [Fact]
    public async Task A_label_with_a_semicolon_is_refused_beside_several_labels()
    {
        GraftException error = await Assert.ThrowsAsync<GraftException>(() =>
            Create(Image(1, "a;b"), Image(2, "c", "d"))
        );

        Assert.Contains("'1.jpg' has the label 'a;b', and ';' stands between labels; rename it", error.Message);
    }

    [Fact]
    public void Folders_can_be_read_as_several_labels()
    {
        for (int i = 0; i < 10; i++)
        {
            _ = _folder.Write($"{(i % 2 == 0 ? "a" : "b")}/{i}.jpg", ImageSetTests.Picture(i));
        }

        ImageSet set = Sets.Load(_folder.Root, new() { Task = ClassificationTask.MultiLabel });
        ImageSplit split = ImageSplit.Create(set);

        Assert.Equal(ClassificationTask.MultiLabel, set.Task);
        Assert.All(set.Images, image => Assert.Single(image.Labels));
        Assert.Equal((6, 2, 2), (split.Train.Length, split.Validation.Length, split.Test.Length));
    }

    [Fact]
    public async Task Every_part_has_its_share_of_each_label_and_rare_ones_are_named()
    {
        LabelledImage[] images = [.. Enumerable.Range(0, 200).Select(i => Image(i, [.. Labels(i)]))];

        ImageSplit split = ImageSplit.Create(await Create(images));

        Assert.Equal(15, split.Test.Count(image => image.Labels.Contains("half")));
        Assert.InRange(split.Test.Count(image => image.Labels.Contains("third")), 9, 11);
        Assert.Contains(
            "a rare class: 'rare' (2); their figures are uncertain with fewer than 10 images",
            split.Warnings
        );
        Assert.Contains("the class 'rare' has no image in the test part", split.Warnings);

        static IEnumerable<string> Labels(int i)
        {
            if (i % 2 == 0 && i < 200)
            {
                yield return "half";
            }

            if (i % 3 == 0)
            {
                yield return "third";
            }

            if (i is 10 or 20)
            {
                yield return "rare";
            }
        }
    }

    [Fact]
    public async Task Groups_and_copies_of_images_with_several_labels_stay_in_one_part()
    {
        LabelledImage[] images =
        [
            .. Enumerable
                .Range(0, 120)
                .Select(i =>
                    Image(
                        i < 60 ? i / 2 : i,
                        i % 3 == 0 ? ["nut", "bolt"]
                            : i % 3 == 1 ? ["nut"]
                            : []
                    ) with
                    {
                        Group = i < 60 ? null : $"{i / 4}",
                    }
                )
                .Select((image, i) => Renamed(image, i)),
        ];

        ImageSplit split = ImageSplit.Create(await Create(images));

        Assert.All(split.Images.GroupBy(image => image.Group ?? image.ContentHash), together =>
            Assert.Single(together.Select(image => image.Part).Distinct())
        );
        Assert.InRange(split.Test.Count(image => image.Labels.Contains("bolt")), 5, 7); // 15 % of 40
        Assert.Empty(split.Warnings);
    }

    [Fact]
    public async Task A_set_of_single_labels_becomes_one_of_several_where_a_training_asks_for_it()
    {
        ImageSet set = await Create([.. Enumerable.Range(0, 20).Select(i => Image(i, i % 2 == 0 ? "nut" : "bolt"))]);

        TrainingData single = Split(set.As(null));
        TrainingData multi = Split(set.As(ClassificationTask.MultiLabel));

        Assert.Equal(ClassificationTask.SingleLabel, single.Task);
        Assert.Equal(ClassificationTask.MultiLabel, multi.Task);
        Assert.Equal(multi.Train.Count, Enumerable.Range(0, 2).Sum(multi.TargetsOf(multi.Train).PositivesOf));
        Assert.NotEqual(single.Fingerprint, multi.Fingerprint);

        static TrainingData Split(ImageSet of) => new(of, ImageSplit.Create(of)) { Inspection = null };
    }

    [Fact]
    public void Images_of_several_labels_are_listed_for_a_run_that_continues_another()
    {
        for (int i = 0; i < 12; i++)
        {
            _ = _folder.Write($"{i}.jpg", ImageSetTests.Picture(i));
        }

        string rows = string.Join('\n', Enumerable.Range(0, 12).Select(i => $"{i}.jpg,{(i % 2 == 0 ? "a;b" : "")}"));
        string csv = _folder.Write("images.csv", System.Text.Encoding.UTF8.GetBytes($"path,labels\n{rows}\n"));

        (byte[] list, _) = CombinedImages.Combine(
            csv,
            Path.Combine(_folder.Root, "model.onnx"),
            ["a"],
            new DataPlan(),
            TestContext.Current.CancellationToken
        );
        ImageSet read = Sets.Load(_folder.Write("combined.csv", list));

        Assert.Equal(ClassificationTask.MultiLabel, read.Task);
        Assert.Equal(6, read.Images.Count(image => image.Label == "a;b"));
        Assert.Equal(6, read.Images.Count(image => image.Label.Length == 0));
    }

    private static LabelledImage Renamed(LabelledImage image, int number) =>
        new(image.Labels, $"{number}.jpg", image.OpenAsync) { Group = image.Group };

    private static LabelledImage Image(int number, params string[] labels) =>
        new(labels, $"{number}.jpg", _ => new(new MemoryStream(ImageSetTests.Picture(number))));

    private static Task<ImageSet> Create(params LabelledImage[] images) => Create(null, images);

    private static Task<ImageSet> Create(ClassificationTask? task, params LabelledImage[] images) =>
        ImageSet.CreateAsync(images, new() { Task = task }, cancel: TestContext.Current.CancellationToken);
}
