using Graft.Training.Extraction;
using Microsoft.Data.Sqlite;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class CachedTrainingTests : IDisposable
{
    private readonly ToyWorld _world = new();
    private int _runs;

    [Fact]
    public void Training_from_the_cache_gives_the_bytes_of_training_without_it()
    {
        byte[] without = Train(new() { IsOn = false }).Model;

        (byte[] filling, Events first) = Train(Cache);
        (byte[] reading, Events second) = Train(Cache);

        Assert.Equal(without, filling);
        Assert.Equal(without, reading);
        Assert.True(Extracted(first) > 0);
        Assert.Equal(0, Extracted(second)); // nothing was decoded or run
    }

    [Theory]
    [InlineData(ActivationPrecision.BFloat16, Engine.OnnxRuntime, 2.0)]
    [InlineData(ActivationPrecision.Float16, Engine.OnnxRuntime, 2.0)]
    [InlineData(ActivationPrecision.Int8, Engine.OnnxRuntime, 1.0)]
    [InlineData(ActivationPrecision.Int8, Engine.Torch, 1.0)]
    [InlineData(ActivationPrecision.BFloat16, Engine.Mixed, 2.0)]
    [InlineData(ActivationPrecision.Float16, Engine.Int8, 2.0)]
    public void Training_from_the_cache_gives_the_same_bytes_in_every_precision(
        ActivationPrecision rows,
        Engine engine,
        double bytesAValue
    )
    {
        TrainingOptions options = _world.Options with { ActivationPrecision = rows, Engine = engine, Threads = 2 };
        byte[] without = Train(new() { IsOn = false }, options).Model;

        byte[] filling = Train(Cache, options).Model;
        CacheEntry kept = CacheContents
            .Read(Cache)
            .Entries.Single(entry => entry.Detail.EndsWith($", {rows}", StringComparison.Ordinal));
        Execute("DELETE FROM contents WHERE id % 3 = 0");

        Assert.Equal(without, filling);
        Assert.Equal(without, Train(Cache, options).Model);
        long values = kept
            .Detail.Split(',')[0]
            .Split(" x ")
            .Aggregate(kept.Rows, (product, d) => product * long.Parse(d));
        // 64 places a channel have a header of 8 bytes
        Assert.InRange(kept.Bytes, bytesAValue * values, 1.13 * bytesAValue * values);
    }

    [Fact]
    public void A_second_run_opens_images_only_to_hash_them()
    {
        Train(Cache, Probing);
        Events events = Train(Cache, Probing).Events;

        // neither a training nor a test image was decoded or run
        Assert.DoesNotContain(events.Seen, value => value is Progressed { Phase: not "read" });
        // and the inspection before the split is cached
        Assert.Equal(60, CacheContents.Read(Cache).Entries.Single(entry => entry.Edge == "looks at images").Rows);
    }

    [Theory]
    [InlineData("UPDATE contents SET value = zeroblob(length(value)) WHERE id % 3 = 0")]
    [InlineData("DELETE FROM contents WHERE id % 2 = 0")]
    [InlineData("UPDATE contents SET value = substr(value, 1, length(value) - 1) WHERE id % 5 = 0")]
    [InlineData(
        "UPDATE contents SET value = (SELECT value FROM contents AS c WHERE c.id = contents.id + 2 AND "
            + "length(c.value) = length(contents.value)) WHERE id % 2 = 0 "
            + "AND EXISTS (SELECT 1 FROM contents AS c WHERE c.id = contents.id + 2 "
            + "AND length(c.value) = length(contents.value))"
    )]
    public void Damaged_rows_are_computed_again_and_change_nothing(string damage)
    {
        byte[] whole = Train(Cache).Model;
        Execute(damage);

        Assert.Equal(whole, Train(Cache).Model);
        Assert.Equal(whole, Train(Cache).Model); // the repaired rows are right
    }

    [Fact]
    public void Deleting_the_cache_during_a_run_changes_nothing()
    {
        byte[] whole = Train(Cache).Model;
        bool isDeleted = false;

        byte[] model = Train(Cache, seen: value =>
        {
            if (value is PhaseEnded { Phase: "extract" } && !isDeleted)
            {
                Directory.Delete(Cache.Folder!, recursive: true);
                isDeleted = true;
            }
        }).Model;

        Assert.True(isDeleted);
        Assert.Equal(whole, model);
        Assert.Equal(whole, Train(Cache).Model);
    }

    [Fact]
    public void Emptying_or_overwriting_the_cache_during_a_run_changes_nothing()
    {
        byte[] whole = Train(Cache).Model;

        byte[] emptied = Train(Cache, seen: value =>
        {
            if (value is PhaseEnded { Phase: "extract" })
            {
                Execute("DELETE FROM contents WHERE id % 4 > 0");
            }
        }).Model;

        Assert.Equal(whole, emptied);
    }

    // While layers are trained from its rows, the file is deleted, truncated or overwritten.
    [Theory]
    [InlineData("deleted")]
    [InlineData("cut short")]
    [InlineData("overwritten")]
    public void Losing_the_cache_file_during_a_training_changes_nothing(string what)
    {
        byte[] whole = Train(Cache).Model;
        string path = Path.Combine(Cache.Folder!, CacheFile.Name);
        int epochs = 0;

        (byte[] model, Events events) = Train(Cache, seen: value =>
        {
            if (value is EpochEnded && Interlocked.Increment(ref epochs) == 1)
            {
                using FileStream? file =
                    what == "deleted"
                        ? null
                        : new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                file?.Write(new byte[what == "cut short" ? 0 : file.Length]);
                file?.SetLength(what == "cut short" ? 20_000 : file.Length);
                Array.ForEach(what == "deleted" ? CacheFile.PartsOf(path) : [], File.Delete);
            }
        });

        Assert.True(epochs > 1);
        Assert.Equal(whole, model);
        Assert.Equal(whole, Train(Cache).Model); // the next run recomputes what is missing
        Assert.All(events.Seen.OfType<Notice>(), notice =>
            Assert.DoesNotContain("\n", notice.Text, StringComparison.Ordinal)
        );
    }

    // The cache has its own disk, with room for less and less of what a run stores.
    [Fact]
    public void A_disk_that_fills_up_at_any_of_ten_moments_is_reported_and_changes_nothing()
    {
        TrainingOptions options = _world.Options with
        {
            Views = 3,
            Threads = 2,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 1,
                BodyRate = 0.01,
                Batch = 8,
            },
        };
        byte[] whole = Train(new() { IsOn = false }, options).Model;
        HashSet<long> kept = [];
        for (int kilobytes = 250; kilobytes <= 1600; kilobytes += 150)
        {
            using SmallDisk disk = new($"size={kilobytes}k");
            CacheOptions cache = new()
            {
                Folder = disk.Root,
                LimitBytes = 1L << 30,
                PendingBytes = 20_000,
            };

            (byte[] model, Events events) = Train(cache, options);

            Assert.Equal(whole, model);
            Notice said = Assert.Single(events.Seen.OfType<Notice>(), notice =>
                notice.Text.Contains("cache", StringComparison.Ordinal)
            );
            Assert.True(said.IsWarning && said.Text.Contains("disk", StringComparison.Ordinal), said.Text);
            kept.Add(CacheContents.Read(cache).Entries.Sum(entry => entry.Rows));
            if (kilobytes == 850)
            {
                Assert.Equal(whole, Train(cache, options).Model); // what it stored is right
            }
        }

        Assert.True(kept.Count >= 8, string.Join(", ", kept));
    }

    [Fact]
    public void A_limit_that_is_far_too_small_changes_only_the_time()
    {
        TrainingOptions options = _world.Options with { Views = 7, Threads = 2 }; // 1.5 MB of activations
        byte[] whole = Train(new() { IsOn = false }, options).Model;

        (byte[] model, Events events) = Train(Cache with { LimitBytes = CacheOptions.LeastLimit }, options);

        Assert.Equal(whole, model);
        Assert.Contains(events.Seen.OfType<Notice>(), notice =>
            notice.IsWarning && notice.Text.Contains("raise the limit", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Rows_that_do_not_fit_into_memory_are_computed_each_time()
    {
        ExtractionItem item = new(new("a.png", "a") { File = "a.png", ContentHash = new string('0', 64) }, 0, 3, 3);
        ActivationStore store = new(
            [2],
            ActivationFormat.Single,
            new([item]),
            new byte[32],
            new("toy", "e", ""),
            1,
            (_, view) => [view, 10 + view],
            cache: null,
            memoryBudget: 8
        );
        for (int row = 0; row < 3; row++)
        {
            store.Write(row, [row, 10 + row]);
        }

        float[] values = store.Gather([2, 0, 1, 2]);

        Assert.Equal([2f, 12, 0, 10, 1, 11, 2, 12], values);
        Assert.Equal(3, store.RecomputedCount);
    }

    [Fact]
    public void Another_seed_shares_only_the_plain_views_and_another_body_shares_nothing()
    {
        Train(Cache, Probing);
        int images = 60 - 12;

        Assert.Equal(0, Extracted(Train(Cache, Probing).Events));
        // one random view each; other images are in the test part
        Assert.InRange(Extracted(Train(Cache, Probing with { Seed = 2 }).Events), images, images + 12);
        Assert.True(
            Extracted(Train(Cache, Probing with { Head = new() { Pooling = Pooling.Flatten } }).Events) >= 2 * images
        );
    }

    [Fact]
    public void A_changed_byte_of_an_image_is_a_miss()
    {
        Train(Cache, Probing);
        string path = Path.Combine(_world.Images, "rings", "03.png");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), 0]); // behind the picture's end: it looks the same

        Assert.InRange(Extracted(Train(Cache, Probing).Events), 1, 20);
    }

    [Fact]
    public void An_image_that_changes_during_the_run_is_not_cached_under_its_old_content()
    {
        (_, Events events) = Train(Cache, Probing with { RejectedLimit = 0.1 }, value =>
        {
            if (value is PhaseStarted { Phase: "extract" })
            {
                File.Copy(
                    Path.Combine(_world.Images, "checks", "00.png"),
                    Path.Combine(_world.Images, "rings", "03.png"),
                    overwrite: true
                );
            }
        });

        Assert.Contains(events.Seen.OfType<Notice>(), notice =>
            notice.Text.Contains("rings/03.png", StringComparison.Ordinal)
            && notice.Text.Contains("changed", StringComparison.Ordinal)
        );
    }

    public void Dispose() => _world.Dispose();

    private CacheOptions Cache => new() { Folder = _world.Run("cache") };

    private TrainingOptions Probing =>
        _world.Options with
        {
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
            Threads = 2,
        };

    private (byte[] Model, Events Events) Train(
        CacheOptions cache,
        TrainingOptions? options = null,
        Action<TrainingEvent>? seen = null
    )
    {
        Events events = new(seen);
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run($"run{_runs++}"),
            (options ?? (_world.Options with { Threads = 2 })) with
            {
                Cache = cache,
            },
            events,
            TestContext.Current.CancellationToken
        );
        return (File.ReadAllBytes(result.ModelPath), events);
    }

    // Of the plain and of the random views, each in a phase of its own.
    private static long Extracted(Events events)
    {
        long sum = 0;
        long phase = 0;
        foreach (TrainingEvent value in events.Seen)
        {
            (sum, phase) = value switch
            {
                PhaseStarted => (sum + phase, 0),
                Progressed { Phase: "extract" } progress => (sum, progress.Total),
                _ => (sum, phase),
            };
        }

        return sum + phase;
    }

    private void Execute(string statement)
    {
        using SqliteConnection connection = new(
            $"Data Source={Path.Combine(Cache.Folder!, CacheFile.Name)};Pooling=False"
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    private sealed class Events(Action<TrainingEvent>? seen) : IProgress<TrainingEvent>
    {
        private readonly List<TrainingEvent> _seen = [];

        public IReadOnlyList<TrainingEvent> Seen => _seen;

        public void Report(TrainingEvent value)
        {
            lock (_seen)
            {
                _seen.Add(value);
            }

            seen?.Invoke(value);
        }
    }
}
