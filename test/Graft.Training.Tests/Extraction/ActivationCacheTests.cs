using System.Security.Cryptography;
using Graft.Infrastructure;
using Graft.Training.Extraction;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Graft.Training.Tests.Extraction;

public sealed class ActivationCacheTests : IDisposable
{
    private static readonly CacheStream s_stream = new("toy", "edge", "4, Single");
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];
    private readonly FakeTimeProvider _time = new(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private string Path => System.IO.Path.Combine(_folder.Root, CacheFile.Name);

    [Fact]
    public void The_next_run_reads_what_was_stored()
    {
        Store(0, 1, 2);

        using ActivationCache cache = Open();
        Assert.All([0, 1, 2], i => Assert.Equal(Value(i), cache.Get(Key(i))));
        Assert.Null(cache.Get(Key(3)));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_value_can_be_read_right_after_it_is_stored()
    {
        using ActivationCache cache = Open();

        cache.Add(Key(0), s_stream, Value(0));

        Assert.Equal(Value(0), cache.Get(Key(0)));
    }

    [Fact]
    public void A_later_value_replaces_an_earlier_one()
    {
        Store(0);
        using (ActivationCache cache = Open())
        {
            cache.Add(Key(0), s_stream, Value(7));
        }

        using ActivationCache again = Open();
        Assert.Equal(Value(7), again.Get(Key(0)));
        Assert.Equal(1, CacheContents.Read(Options).Entries.Single().Rows);
    }

    [Theory]
    [InlineData("UPDATE contents SET value = zeroblob(length(value)) WHERE id = 2")] // lost in a power cut
    [InlineData("UPDATE contents SET value = substr(value, 1, 10) WHERE id = 2")] // torn
    // intact, but of another row
    [InlineData("UPDATE contents SET value = (SELECT value FROM contents WHERE id = 1) WHERE id = 2")]
    [InlineData("DELETE FROM contents WHERE id = 2")]
    [InlineData("UPDATE entries SET checksum = checksum + 1 WHERE id = 2")]
    [InlineData("UPDATE entries SET bytes = 10 WHERE id = 2")]
    [InlineData("UPDATE entries SET id = 9 WHERE id = 2")]
    public void A_damaged_value_is_a_miss_and_can_be_stored_again(string damage)
    {
        Store(0, 1, 2);
        Execute(damage);

        using (ActivationCache cache = Open())
        {
            Assert.Null(cache.Get(Key(1)));
            Assert.Equal(Value(0), cache.Get(Key(0)));
            Assert.Equal(Value(2), cache.Get(Key(2)));
            cache.Add(Key(1), s_stream, Value(1));
        }

        using ActivationCache again = Open();
        Assert.Equal(Value(1), again.Get(Key(1)));
    }

    [Fact]
    public void A_changed_byte_of_the_file_never_gives_a_wrong_value()
    {
        Store([.. Enumerable.Range(0, 40)]);
        byte[] whole = File.ReadAllBytes(Path);
        int hits = 0;
        for (int trial = 0; trial < 150; trial++)
        {
            byte[] damaged = [.. whole];
            CountedRandom random = new(3, RandomPurpose.View, (uint)trial);
            for (uint i = 0; i < 1 + (trial % 30); i++)
            {
                damaged[random.Below(whole.Length, 2 * i)] = (byte)random.Below(256, (2 * i) + 1);
            }

            CacheFile.Delete(Path);
            File.WriteAllBytes(Path, trial % 10 == 9 ? damaged[..random.Below(whole.Length, 99)] : damaged);
            using ActivationCache? cache = ActivationCache.Open(Options, _time, _warnings.Add);
            for (int i = 0; i < 40; i++)
            {
                byte[]? value = cache?.Get(Key(i));
                Assert.True(value is null || value.AsSpan().SequenceEqual(Value(i)), $"trial {trial}, value {i}");
                hits += value is null ? 0 : 1;
            }
        }

        Assert.InRange(hits, 1000, 5999); // it found some values and lost some
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no database, however long it goes on, and so it is damaged")]
    public void A_file_that_is_no_database_is_replaced(string content)
    {
        File.WriteAllText(Path, content);

        Store(0);

        using ActivationCache cache = Open();
        Assert.Equal(Value(0), cache.Get(Key(0)));
        Assert.Equal(
            content.Length > 0,
            _warnings.Any(warning => warning.Contains("is replaced by an empty one", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_full_disk_ends_storing_with_one_message()
    {
        Store([.. Enumerable.Range(0, 20)]);
        using (ActivationCache cache = Open())
        {
            cache.RefuseToGrow();
            for (int i = 20; i < 400; i++)
            {
                cache.Add(Key(i), s_stream, Value(i));
                cache.Flush();
            }

            Assert.NotNull(cache.StopReason);
            Assert.Equal(Value(3), cache.Get(Key(3))); // stored values can still be read
        }

        Assert.Contains("the disk is full", Assert.Single(_warnings), StringComparison.Ordinal);
        using ActivationCache again = Open();
        Assert.All(Enumerable.Range(0, 400), i => Assert.True(again.Get(Key(i)) is null or { Length: 5000 }));
        Assert.Equal(Value(3), again.Get(Key(3)));
    }

    [Fact]
    public void A_deleted_file_stops_nothing()
    {
        Store(0, 1);
        using (ActivationCache cache = Open())
        {
            Directory.Delete(_folder.Root, recursive: true);

            Assert.True(cache.Get(Key(0)) is null || cache.Get(Key(0))!.AsSpan().SequenceEqual(Value(0)));
            cache.Add(Key(2), s_stream, Value(2));
            cache.Flush();
        }

        Directory.CreateDirectory(_folder.Root);
        using ActivationCache again = Open();
        Assert.Null(again.Get(Key(0)));
    }

    [Fact]
    public void A_folder_without_write_permission_turns_the_cache_off_with_a_reason()
    {
        string file = _folder.Write("file", "x");

        ActivationCache? cache = ActivationCache.Open(
            new() { Folder = System.IO.Path.Combine(file, "below") },
            _time,
            _warnings.Add
        );

        Assert.Null(cache);
        Assert.Contains("switch the cache off", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void At_the_limit_the_least_recently_used_entries_go_first()
    {
        CacheOptions small = Options with { LimitBytes = 2_000_000 };
        Store(small, 0, 150); // 5,000 bytes each
        _time.Advance(TimeSpan.FromMinutes(1));
        Store(small, 150, 150);
        _time.Advance(TimeSpan.FromMinutes(1));
        using (ActivationCache cache = Open(small))
        {
            Assert.All(Enumerable.Range(0, 50), i => Assert.NotNull(cache.Get(Key(i)))); // used again
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        Store(small, 300, 150);

        using ActivationCache again = Open(small);
        Assert.All(Enumerable.Range(0, 50).Concat(Enumerable.Range(300, 150)), i =>
            Assert.Equal(Value(i), again.Get(Key(i)))
        );
        Assert.Contains(Enumerable.Range(50, 100), i => again.Get(Key(i)) is null);
        // the log beside it is at most as large
        Assert.True(CacheContents.Read(small).Bytes <= 2_000_000 * 2, $"{CacheContents.Read(small).Bytes}");
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_run_larger_than_the_limit_keeps_what_fits_and_says_so()
    {
        CacheOptions small = Options with { LimitBytes = 1_000_000 };

        using ActivationCache cache = Open(small);
        for (int i = 0; i < 400; i++)
        {
            cache.Add(Key(i), s_stream, Value(i));
            if (i % 50 == 0)
            {
                cache.Flush();
            }
        }

        cache.Flush();
        Assert.Equal(Value(0), cache.Get(Key(0)));
        Assert.Contains("raise the limit", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_processes_read_and_write_side_by_side()
    {
        using ActivationCache first = Open();
        using ActivationCache second = Open();
        Parallel.Invoke(() => Fill(first, 0), () => Fill(second, 100));

        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(Value(i), first.Get(Key(i))));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(Value(i), second.Get(Key(i))));
        Assert.Empty(_warnings);

        static void Fill(ActivationCache cache, int from)
        {
            for (int i = from; i < from + 100; i++)
            {
                cache.Add(Key(i), s_stream, Value(i));
                cache.Flush();
            }
        }
    }

    [Fact]
    public void Its_entries_can_be_listed_and_removed()
    {
        Store(0, 1, 2);

        CacheContents contents = CacheContents.Read(Options);
        long freed = CacheContents.Clear(Options);

        CacheEntry entry = Assert.Single(contents.Entries);
        Assert.Equal(("toy", "edge", 3, 15_000), (entry.Body, entry.Edge, entry.Rows, entry.Bytes));
        Assert.Equal(_time.GetUtcNow(), entry.LastUse);
        Assert.Equal(contents.Bytes, freed);
        Assert.Empty(CacheContents.Read(Options).Entries);
        Assert.Equal(0, CacheContents.Clear(Options));
    }

    [Fact]
    public void A_cache_that_is_off_stores_nothing()
    {
        Assert.Null(ActivationCache.Open(Options with { IsOn = false }, _time, _warnings.Add));
        Assert.Empty(_warnings);
    }

    public void Dispose() => _folder.Dispose();

    private CacheOptions Options => new() { Folder = _folder.Root };

    private static byte[] Key(int i) => SHA256.HashData(BitConverter.GetBytes(i));

    private static byte[] Value(int i)
    {
        byte[] value = new byte[5000];
        new Random(i).NextBytes(value); // any values that differ
        return value;
    }

    private ActivationCache Open(CacheOptions? options = null) =>
        ActivationCache.Open(options ?? Options, _time, _warnings.Add)!;

    private void Store(params int[] which)
    {
        using ActivationCache cache = Open();
        Array.ForEach(which, i => cache.Add(Key(i), s_stream, Value(i)));
    }

    private void Store(CacheOptions options, int from, int count)
    {
        using ActivationCache cache = Open(options);
        foreach (int i in Enumerable.Range(from, count))
        {
            cache.Add(Key(i), s_stream, Value(i));
        }
    }

    private void Execute(string statement)
    {
        using SqliteConnection connection = new($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        Assert.True(command.ExecuteNonQuery() > 0);
    }
}
