using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class ViewCountTests
{
    [Theory]
    [InlineData(60, 636_000_000, 8)]
    [InlineData(867, 636_000_000, 3)] // Flowers-17 with EfficientNet-Lite0 at 288 pixels
    [InlineData(20_000, 636_000_000, 2)]
    [InlineData(867, 15_000_000_000, 2)] // with VGG16
    [InlineData(0, 0, 8)]
    public void Few_images_and_cheap_bodies_get_more_views(int images, long multiplyAdds, int expected) =>
        Assert.Equal(expected, ViewCount.Wanted(images, multiplyAdds));

    [Theory]
    [InlineData(60, 636_000_000, 8)]
    [InlineData(867, 636_000_000, 1)]
    [InlineData(20_000, 636_000_000, 1)]
    public void A_probe_alone_gets_fewer_views(int images, long multiplyAdds, int expected) =>
        Assert.Equal(expected, ViewCount.Wanted(images, multiplyAdds, isProbe: true));

    [Theory]
    [InlineData(8, 1000, 10_000, 1_000_000_000, 8)]
    [InlineData(8, 1000, 10_000, 80_000_000, 5)] // three quarters are six views, including the plain one
    [InlineData(8, 1000, 10_000, 1_000_000, 1)] // none fits
    [InlineData(2, 1_000_000, 200_000, 64L << 30, 1)]
    [InlineData(8, 1000, 0, 1_000_000, 8)] // no rows: only the head is trained
    public void There_are_as_many_views_as_fit_and_at_least_one(
        int wanted,
        int images,
        long bytes,
        long room,
        int expected
    ) => Assert.Equal(expected, ViewCount.Fitting(wanted, images, bytes, room));

    [Fact]
    public void The_number_chosen_for_a_small_cache_is_reported_recorded_and_reused()
    {
        using ToyWorld world = new();
        TrainingOptions options = world.Options with
        {
            Views = null,
            Cache = new() { Folder = world.Run("small"), LimitBytes = CacheOptions.LeastLimit },
        };
        Told told = new();

        byte[] model = File.ReadAllBytes(
            Trainer
                .Train(world.Images, world.Run("run"), options, told, TestContext.Current.CancellationToken)
                .ModelPath
        );

        TrainingOptions kept = RunOptions.Read(world.Run("run")).Options;
        Assert.InRange(kept.Views!.Value, 1, 7);
        Assert.Contains(told.Texts, text =>
            text.StartsWith(
                $"Random views of an image: {kept.Views} instead of 8, because the cache has room for 0.001 GB.",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(
            model,
            File.ReadAllBytes(
                Trainer
                    .Train(
                        world.Images,
                        world.Run("again"),
                        kept with
                        {
                            Cache = new() { Folder = world.Run("large") },
                        },
                        told,
                        TestContext.Current.CancellationToken
                    )
                    .ModelPath
            )
        );
    }

    [Fact]
    public void With_enough_room_the_usual_number_is_recorded_without_a_message()
    {
        using ToyWorld world = new(8);
        Told told = new();

        Trainer.Train(
            world.Images,
            world.Run("run"),
            world.Options with
            {
                Views = null,
                HeadTraining = new() { Epochs = 0 },
                FineTune = new() { Epochs = 0 },
            },
            told,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(8, RunOptions.Read(world.Run("run")).Options.Views);
        Assert.DoesNotContain(told.Texts, text => text.StartsWith("Random views", StringComparison.Ordinal));
    }

    private sealed class Told : IProgress<TrainingEvent>
    {
        public List<string> Texts { get; } = [];

        public void Report(TrainingEvent value)
        {
            if (value is Notice notice)
            {
                lock (Texts)
                {
                    Texts.Add(notice.Text);
                }
            }
        }
    }
}
