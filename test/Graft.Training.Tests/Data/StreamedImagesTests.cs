using System.Collections.Concurrent;
using Graft.Imaging;
using Graft.Training.Data;
using NetVips;

namespace Graft.Training.Tests.Data;

public sealed class StreamedImagesTests
{
    private readonly ConcurrentBag<ObservedStream> _opened = [];

    [Fact]
    public async Task A_set_from_streams_equals_the_set_from_the_same_files()
    {
        using TemporaryFolder folder = new();
        LabelledImage[] images = [.. Pictures(3).Select(one => Streamed(one.Label, one.Name, one.Bytes))];
        foreach ((string _, string name, byte[] bytes) in Pictures(3))
        {
            _ = folder.Write(name, bytes);
        }

        ImageSet streamed = await Create(images.Reverse());
        ImageSet files = Sets.Load(folder.Root);

        Assert.Equal(files.Classes, streamed.Classes);
        Assert.Equal(
            files.Images.Select(image => (image.Name, image.Label, image.ContentHash)),
            streamed.Images.Select(image => (image.Name, image.Label, image.ContentHash))
        );
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Assert.Equal(files.Images[0].ReadBytes(new(), cancel), streamed.Images[0].ReadBytes(new(), cancel));
    }

    [Fact]
    public async Task Each_stream_is_read_once_and_disposed()
    {
        LabelledImage[] images = [.. Pictures(4).Select(one => Streamed(one.Label, one.Name, one.Bytes))];

        await Create(images);

        Assert.Equal(images.Length, _opened.Count);
        Assert.All(_opened, stream => Assert.True(stream.IsDisposed));
    }

    [Fact]
    public async Task Two_images_of_one_name_are_refused()
    {
        LabelledImage[] images = [.. Pictures(2).Select(one => Streamed(one.Label, "same.png", one.Bytes))];

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => Create(images));

        Assert.Contains("'same.png' names two images", error.Message, StringComparison.Ordinal);
        Assert.Empty(_opened);
    }

    [Fact]
    public async Task A_source_that_fails_rejects_its_image_with_the_reason()
    {
        LabelledImage broken = new("a", "a/broken.png", _ => throw new InvalidOperationException("no such row"));
        LabelledImage empty = Streamed("a", "a/empty.png", []);
        LabelledImage text = Streamed("a", "a/text.png", "this is no picture"u8.ToArray());
        IEnumerable<LabelledImage> good = Pictures(2).Select(one => Streamed(one.Label, one.Name, one.Bytes));

        ImageSet set = await Create([.. good, broken, empty, text]);

        Assert.Equal(["a/broken.png", "a/empty.png", "a/text.png"], set.Rejected.Select(image => image.Path));
        Assert.Contains("no such row", set.Rejected[0].Reason, StringComparison.Ordinal);
        Assert.Equal(
            [ImageFault.Unreadable, ImageFault.Empty, ImageFault.NotAnImage],
            set.Rejected.Select(image => image.Fault)
        );
        Assert.All(_opened, stream => Assert.True(stream.IsDisposed));
    }

    [Fact]
    public async Task A_stream_over_the_limit_is_rejected()
    {
        ImageSetOptions options = new() { Limits = new() { FileBytes = 100_000 } };
        LabelledImage large = Streamed("a", "a/large.png", new byte[200_000]);
        IEnumerable<LabelledImage> good = Pictures(2).Select(one => Streamed(one.Label, one.Name, one.Bytes));

        ImageSet set = await ImageSet.CreateAsync(
            [.. good, large],
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal(ImageFault.OverLimit, Assert.Single(set.Rejected).Fault);
    }

    [Fact]
    public async Task Groups_stay_in_one_part_of_every_split()
    {
        // three pictures of each patient, ten patients of each class
        LabelledImage[] images =
        [
            .. Pictures(30)
                .Select((one, i) => Streamed(one.Label, one.Name, one.Bytes) with { Group = $"patient {i / 3}" }),
        ];
        ImageSet set = await Create(images);

        for (long seed = 0; seed < 5; seed++)
        {
            ImageSplit split = await set.SplitAsync(
                new() { Seed = seed },
                cancel: TestContext.Current.CancellationToken
            );

            Assert.All(split.Images.GroupBy(image => image.Group), group =>
                Assert.Single(group.Select(image => image.Part).Distinct())
            );
            Assert.NotEmpty(split.Test);
            Assert.NotEmpty(split.Validation);
        }
    }

    [Fact]
    public async Task A_class_of_one_group_cannot_be_split()
    {
        LabelledImage[] images =
        [
            .. Pictures(6).Select(one => Streamed(one.Label, one.Name, one.Bytes) with { Group = one.Label }),
        ];
        ImageSet set = await Create(images);

        Assert.Throws<GraftException>(() => set.Split(cancel: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Training_data_take_a_given_split_as_it_is()
    {
        ImageSet set = await Create(Pictures(10).Select(one => Streamed(one.Label, one.Name, one.Bytes)));
        ImageSplit split = set.Split(new() { Seed = 7 }, cancel: TestContext.Current.CancellationToken);

        TrainingData data = TrainingData.From(
            split,
            new DataPlan { Seed = 1 },
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(split.Images.Select(image => image.Part), data.Split.Images.Select(image => image.Part));
        Assert.NotNull(data.Inspection);
    }

    private static Task<ImageSet> Create(IEnumerable<LabelledImage> images) =>
        ImageSet.CreateAsync(images, cancel: TestContext.Current.CancellationToken);

    private static IEnumerable<(string Label, string Name, byte[] Bytes)> Pictures(int countPerClass)
    {
        for (int i = 0; i < 2 * countPerClass; i++)
        {
            using Image picture = InspectionTests.Cloud(i, 120, 120);
            string label = i < countPerClass ? "a" : "b";
            yield return (label, $"{label}/{i:00}.png", picture.PngsaveBuffer());
        }
    }

    private LabelledImage Streamed(string label, string name, byte[] bytes) => new(label, name, _ =>
        {
            ObservedStream stream = new(bytes);
            _opened.Add(stream);
            return new(stream);
        });

    private sealed class ObservedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
