using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>How a download behaves on a bad line.</summary>
internal sealed record DownloadLimits
{
    /// <summary>A server that sends nothing for so long has stalled.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a cut connection is taken up again.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Before the first retry; doubled before each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>More bytes than any weight file has.</summary>
    public long Bytes { get; init; } = 8L << 30;
}

/// <summary>
/// Fetches a file over HTTP: resumed by Range and If-Range (RFC 9110, sections 13.1.5 and 14), through the proxies of
/// HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY,
/// checked by length and SHA-256, and only then given its name.
/// </summary>
/// <param name="sha256">The whole hash, or the first digits that the publisher states.</param>
internal sealed class WeightDownload(
    Uri address,
    string target,
    string sha256,
    IProgress<TrainingEvent>? progress,
    DownloadLimits limits
) : IDisposable
{
    private const int BufferBytes = 1 << 17;
    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = limits.Stall })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
    private readonly PartialFile _part = new(target);

    // A mirror's address may hold a password, which no message and no log must show.
    private readonly string _shown = address.GetComponents(
        UriComponents.AbsoluteUri & ~UriComponents.UserInfo,
        UriFormat.UriEscaped
    );

    /// <exception cref="DownloadException">It is not there, is something else, or the line is too bad; what came stays
    /// for the next try.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what came stays.</exception>
    public async Task Run(CancellationToken cancel)
    {
        TimeSpan pause = limits.FirstPause;
        for (int attempt = 0; ; attempt++)
        {
            long before = _part.Length;
            try
            {
                await Fetch(cancel).ConfigureAwait(false);
                Check();
                return;
            }
            catch (DownloadException error) when (error.MayPass && attempt < limits.Retries)
            {
                progress?.Report(
                    new Notice($"{error.Message}: trying again from {_part.Length / 1e6:0.0} MB on.", IsWarning: true)
                );
                pause = _part.Length > before ? limits.FirstPause : pause * 2;
                await Task.Delay(pause, cancel).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task Fetch(CancellationToken cancel)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(limits.Stall);
        try
        {
            using HttpRequestMessage request = Request();
            using HttpResponseMessage response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token)
                .ConfigureAwait(false);
            if (
                response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                && response.Content.Headers.ContentRange?.Length == _part.Length
            )
            {
                return; // all of it had come before
            }

            CheckStatus(response);
            await Receive(response, stall, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new DownloadException(
                _shown,
                $"the server has sent nothing for {limits.Stall.TotalSeconds:0.#} s; run the command again to go on, or name another server with --mirror",
                mayPass: true,
                error
            );
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw new DownloadException(
                _shown,
                $"{Printable.Text(error.Message.TrimEnd('.'))}; run the command again to go on, or name another server with --mirror",
                mayPass: true,
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The stream of a response that is cut ends in an IOException too; a file's error names its path.
            bool isDisk = error is UnauthorizedAccessException || error.InnerException is null;
            throw new DownloadException(
                _shown,
                $"{Printable.Text(error.Message.TrimEnd('.'))}; {(isDisk ? "make room, or end the other process that fetches it" : "run the command again to go on")}",
                mayPass: !isDisk,
                error
            );
        }
    }

    private HttpRequestMessage Request()
    {
        HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(
            new ProductInfoHeaderValue("graft", typeof(WeightDownload).Assembly.GetName().Version!.ToString(3))
        );
        if (address.UserInfo.Length > 0)
        {
            request.Headers.Authorization = new(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)))
            );
        }

        if (_part.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(_part.Length, null);
            if (_part.Tag is string tag)
            {
                request.Headers.TryAddWithoutValidation("If-Range", tag); // another version is sent whole
            }
        }

        return request;
    }

    private void CheckStatus(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            _part.Discard();
            throw new DownloadException(
                _shown,
                "what was fetched before is not a part of it; it is fetched anew",
                mayPass: true
            );
        }

        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            throw new DownloadException(
                _shown,
                $"the server has no such file ({status}); fetch it elsewhere and add it with `graft bodies add`, or name another server with --mirror"
            );
        }

        if (!response.IsSuccessStatusCode)
        {
            bool isBusy = status is 408 or 429 or >= 500;
            throw new DownloadException(
                _shown,
                $"the server answers {status} {Printable.Text(response.ReasonPhrase ?? "")}; try again later, or name another server with --mirror",
                mayPass: isBusy
            );
        }

        if (response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            throw WebPage();
        }
    }

    private async Task Receive(HttpResponseMessage response, CancellationTokenSource stall, CancellationToken cancel)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool isContinued =
            response.StatusCode == HttpStatusCode.PartialContent && _part.Length > 0 && range?.From == _part.Length;
        if (response.StatusCode == HttpStatusCode.PartialContent && !isContinued)
        {
            _part.Discard();
            throw new DownloadException(
                _shown,
                "the server sent another part than was asked for; it is fetched anew",
                mayPass: true
            );
        }

        long done = isContinued ? _part.Length : 0;
        long? total = isContinued ? range!.Length : response.Content.Headers.ContentLength;
        if (total > limits.Bytes)
        {
            throw new DownloadException(
                _shown,
                $"{total:N0} bytes are more than any weight file has; check the address"
            );
        }

        using Stream source = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        using FileStream file = _part.Open(isContinued, TagOf(response));
        byte[] buffer = new byte[BufferBytes];
        long started = done;
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        while (await source.ReadAsync(buffer, stall.Token).ConfigureAwait(false) is > 0 and int count)
        {
            if (done == 0 && IsWebPage(buffer.AsSpan(0, count)))
            {
                file.Dispose();
                _part.Discard();
                throw WebPage();
            }

            await file.WriteAsync(buffer.AsMemory(0, count), cancel).ConfigureAwait(false);
            done += count;
            stall.CancelAfter(limits.Stall);
            Report(done, total, (done - started) / Math.Max(watch.Elapsed.TotalSeconds, 1e-3));
            if (done > (total ?? limits.Bytes))
            {
                throw new DownloadException(
                    _shown,
                    $"the server sends more than the {total ?? limits.Bytes:N0} bytes that were announced; check the address"
                );
            }
        }

        if (done < total)
        {
            throw new DownloadException(
                _shown,
                $"the connection ended after {done:N0} of {total:N0} bytes; run the command again to go on",
                mayPass: true
            );
        }
    }

    private void Check()
    {
        string hash = _part.Hash();
        if (!hash.StartsWith(sha256, StringComparison.Ordinal))
        {
            _part.Discard();
            throw new DownloadException(
                _shown,
                $"its SHA-256 is {hash}, and the publisher's begins with {sha256}: it is another file or was damaged on the way, and was deleted; try again, or name another server with --mirror"
            );
        }

        _part.Finish();
    }

    private void Report(long done, long? total, double perSecond)
    {
        long all = total ?? done;
        progress?.Report(
            new Progressed(
                "pull",
                done / 1000,
                all / 1000,
                "kB",
                perSecond / 1000,
                TimeSpan.FromSeconds((all - done) / Math.Max(perSecond, 1))
            )
        );
    }

    // If-Range takes strong tags and dates alone (RFC 9110, section 13.1.5).
    private static string? TagOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag
            ? tag.Tag
            : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);

    // A login page of a hotel or a proxy, sent as if it were the file. No weight format begins with "<".
    private static bool IsWebPage(ReadOnlySpan<byte> start)
    {
        string text = Encoding
            .UTF8.GetString(start[..Math.Min(start.Length, 256)])
            .TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase);
    }

    private DownloadException WebPage() =>
        new(
            _shown,
            "the server sent a web page instead of the file: a proxy or a login page stands between; fetch it with a browser and add it with `graft bodies add`"
        );
}
