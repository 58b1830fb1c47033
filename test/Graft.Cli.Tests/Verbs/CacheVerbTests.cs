using System.Text.Json;
using Graft.Training;
using Graft.Training.Extraction;

namespace Graft.Cli.Tests.Verbs;

[Collection(nameof(UserFolder))]
public sealed class CacheVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable(CacheOptions.Variable);

    public CacheVerbTests() => Environment.SetEnvironmentVariable(CacheOptions.Variable, _folder.Root);

    [Fact]
    public void What_is_kept_is_listed_and_can_be_removed()
    {
        Fill();

        Outcome list = Cli.Run("cache");
        Outcome clear = Cli.Run("cache", "clear");
        Outcome empty = Cli.Run("cache");

        // untrusted text is never printed raw
        Assert.DoesNotContain("toy\nbody", list.Output, StringComparison.Ordinal);
        Assert.Contains("block4", list.Output, StringComparison.Ordinal);
        Assert.Contains("3 kB", list.Output, StringComparison.Ordinal);
        Assert.Contains("are free again", clear.Output, StringComparison.Ordinal);
        Assert.Contains("is empty", empty.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), (list.Code, clear.Code, empty.Code));
    }

    [Fact]
    public void The_list_is_also_one_JSON_document()
    {
        Fill();

        using JsonDocument json = JsonDocument.Parse(Cli.Run("cache", "--json").Output);

        JsonElement entry = json.RootElement.GetProperty("entries")[0];
        Assert.Equal(
            ("block4", 3, 3000),
            (
                entry.GetProperty("edge").GetString(),
                entry.GetProperty("rows").GetInt32(),
                entry.GetProperty("bytes").GetInt32()
            )
        );
        Assert.True(json.RootElement.GetProperty("limitBytes").GetInt64() > 0);
    }

    [Fact]
    public void A_file_that_is_no_cache_is_one_line_with_the_way_out()
    {
        _folder.Write(
            CacheFile.Name,
            "no database, and longer than a header of one hundred bytes has to be to be looked at by SQLite at all"
        );

        Outcome outcome = Cli.Run("cache");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("clear the cache", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, Cli.Run("cache", "clear").Code);
    }

    [Theory]
    [InlineData("lots")]
    [InlineData("-1GB")]
    [InlineData("GB")]
    [InlineData("1e3GB")]
    [InlineData("99999999999TB")]
    public void A_limit_that_is_no_size_is_refused(string size)
    {
        Outcome outcome = Cli.Run("train", _folder.Root, "--cache-limit=" + size);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains("such as 20GB", outcome.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_in_which_nothing_fits_is_refused()
    {
        Outcome outcome = Cli.Run("train", _folder.Root, "--cache-limit", "20kB");

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains("'--cache-limit' cannot be 20kB", outcome.ErrorLines[0], StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(CacheOptions.Variable, _before);
        _folder.Dispose();
    }

    private static void Fill()
    {
        using ActivationCache cache = ActivationCache.Open(new(), TimeProvider.System, warning =>
            Assert.Fail(warning)
        )!;
        for (byte i = 0; i < 3; i++)
        {
            byte[] key = new byte[CacheKey.Length];
            key[0] = i;
            cache.Add(key, new("toy\nbody", "block4", "a"), new byte[1000]);
        }
    }
}
