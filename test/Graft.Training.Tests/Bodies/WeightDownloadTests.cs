using System.Security.Cryptography;
using System.Text;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

/// <summary>Tests downloads from good and bad servers over good and bad connections.</summary>
public sealed class WeightDownloadTests : IDisposable
{
    private static readonly DownloadLimits s_patient = new()
    {
        Stall = TimeSpan.FromSeconds(20),
        FirstPause = TimeSpan.FromMilliseconds(1),
        Retries = 3,
    };
    private static readonly DownloadLimits s_impatient = s_patient with
    {
        Stall = TimeSpan.FromMilliseconds(300),
        Retries = 0,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file = RandomNumberGenerator.GetBytes(600_000);

    private string Target => Path.Combine(_folder.Root, "weights.pth");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_download_reports_progress_and_leaves_only_the_file()
    {
        using FileServer server = new(new Answer(_file));
        Collected events = new();

        await Fetch(server, s_patient, events: events);

        Assert.Equal(_file, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.Root));
        Progressed last = Assert.IsType<Progressed>(events.All[^1]);
        Assert.Equal((600L, 600L), (last.Done, last.Total));
    }

    [Fact]
    public async Task A_lost_connection_is_continued_where_it_ended()
    {
        using FileServer server = new(
            new Answer(_file, CutAfter: 200_000),
            new Answer(_file, CutAfter: 100_000),
            new Answer(_file)
        );

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
        Assert.Equal(3, server.Requests.Count);
        Assert.Contains("Range: bytes=200000-\r\n", server.Requests[1], StringComparison.Ordinal);
        Assert.Contains("If-Range: \"v1\"\r\n", server.Requests[1], StringComparison.Ordinal);
        Assert.Contains("Range: bytes=300000-\r\n", server.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_run_continues_an_unfinished_download()
    {
        using FileServer server = new(new Answer(_file, CutAfter: 200_000), new Answer(_file));
        await Assert.ThrowsAsync<DownloadException>(() => Fetch(server, s_patient with { Retries = 0 }));
        Assert.False(File.Exists(Target));

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
        Assert.Contains("Range: bytes=200000-\r\n", server.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changed_in_between_is_downloaded_again()
    {
        byte[] other = RandomNumberGenerator.GetBytes(600_000);
        using FileServer server = new(new Answer(other, Tag: "\"old\"", CutAfter: 200_000), new Answer(_file));

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_server_without_ranges_and_tags_sends_the_whole_file_again()
    {
        using FileServer server = new(
            new Answer(_file, Tag: null, HasRanges: false, CutAfter: 200_000),
            new Answer(_file, Tag: null, HasRanges: false)
        );

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_with_all_bytes_is_checked_and_renamed()
    {
        File.WriteAllBytes(Target + ".part", _file);
        using FileServer server = new(new Answer(_file));

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_that_is_longer_than_the_file_is_discarded()
    {
        File.WriteAllBytes(Target + ".part", new byte[700_000]);
        using FileServer server = new(new Answer(_file));

        await Fetch(server, s_patient);

        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_file_with_another_hash_is_deleted_and_the_message_shows_both_hashes()
    {
        byte[] damaged = [.. _file];
        damaged[^1] ^= 1;
        using FileServer server = new(new Answer(damaged));

        DownloadException error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(server, s_patient));

        Assert.Contains(
            $"its SHA-256 is {HashOf(damaged)}, and the publisher's begins with {HashOf(_file)}",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFiles(_folder.Root));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_first_digits_of_a_hash_are_enough()
    {
        using FileServer server = new(new Answer(_file));

        await Fetch(server, s_patient, HashOf(_file)[..8]);

        Assert.True(File.Exists(Target));
    }

    [Theory]
    [InlineData(404, "the server has no such file (404); get it elsewhere and add it, or use a mirror", 1)]
    [InlineData(403, "the server answers 403", 1)]
    [InlineData(503, "the server answers 503", 4)]
    public async Task Only_transient_errors_of_a_server_are_retried(int status, string reason, int requests)
    {
        using FileServer server = new(new Answer([], status));

        DownloadException error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(server, s_patient));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(requests, server.Requests.Count);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Theory]
    [InlineData("text/html; charset=utf-8", "<p>sign in</p>")]
    [InlineData("application/octet-stream", "\n<!DOCTYPE html><html>sign in</html>")]
    [InlineData("application/octet-stream", "<html><body>sign in</body></html>")]
    public async Task A_web_page_in_place_of_the_file_is_recognised(string type, string page)
    {
        using FileServer server = new(new Answer(Encoding.UTF8.GetBytes(page), Type: type));

        DownloadException error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(server, s_patient));

        Assert.Contains("sent a web page instead of the file", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public async Task A_stalled_download_ends_and_keeps_its_bytes_for_the_next_run()
    {
        using FileServer server = new(new Answer(_file, StallAfter: 200_000), new Answer(_file));

        DownloadException error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(server, s_impatient));

        Assert.Contains(
            "the server has sent nothing for 0.3 s; run it again to continue",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(200_000, new FileInfo(Target + ".part").Length);
        await Fetch(server, s_patient);
        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task The_message_about_an_unreachable_server_hides_the_password()
    {
        FileServer gone = new(new Answer(_file));
        Uri address = new UriBuilder(gone.Address) { UserName = "me", Password = "secret" }.Uri;
        gone.Dispose();

        DownloadException error = await Assert.ThrowsAsync<DownloadException>(() =>
            Fetch(address, s_impatient, HashOf(_file), cancel: TestContext.Current.CancellationToken)
        );

        Assert.Contains($"127.0.0.1:{address.Port}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_its_bytes()
    {
        using FileServer server = new(new Answer(_file, StallAfter: 200_000));
        using CancellationTokenSource cancel = new();
        Task download = Fetch(server.Address, s_patient, HashOf(_file), cancel: cancel.Token);
        while (!File.Exists(Target + ".part") || new FileInfo(Target + ".part").Length < 200_000)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
        Assert.Equal(200_000, new FileInfo(Target + ".part").Length);
    }

    [Fact]
    public void Every_address_in_the_catalogue_is_https_and_has_digits_of_a_hash() =>
        Assert.All(NamedBodies.Entries.Select(entry => entry.DownloadableWeights).OfType<KnownWeights>(), weights =>
        {
            Assert.StartsWith("https://", weights.Address, StringComparison.Ordinal);
            Assert.InRange(weights.Sha256.Length, 8, 64);
            Assert.All(weights.Sha256, digit => Assert.True(char.IsAsciiHexDigitLower(digit)));
        });

    private static string HashOf(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    private Task Fetch(FileServer server, DownloadLimits limits, string? sha256 = null, Collected? events = null) =>
        Fetch(server.Address, limits, sha256 ?? HashOf(_file), events, TestContext.Current.CancellationToken);

    private async Task Fetch(
        Uri address,
        DownloadLimits limits,
        string sha256,
        Collected? events = null,
        CancellationToken cancel = default
    )
    {
        using WeightDownload download = new(address, Target, sha256, events, limits);
        await download.Run(cancel);
    }

    private sealed class Collected : IProgress<TrainingEvent>
    {
        public List<TrainingEvent> All { get; } = [];

        public void Report(TrainingEvent value) => All.Add(value);
    }
}
