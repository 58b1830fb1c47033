using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>
/// Downloads a file over HTTP, through the proxies of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. Continues an
/// unfinished download by Range and If-Range (RFC 9110, sections 13.1.5 and 14). Checks length and SHA-256 before the
/// file gets its name.
/// </summary>
/// <param name="address">URL of the file.</param>
/// <param name="target">Path of the finished file.</param>
/// <param name="sha256">The SHA-256 in lower-case hexadecimal, or its first digits.</param>
/// <param name="progress">Receives <see cref="Progressed"/> and warnings; may be null.</param>
/// <param name="limits">Limits and retries.</param>
internal sealed class WeightDownload(
    Uri address,
    string target,
    string sha256,
    IProgress<TrainingEvent>? progress,
    DownloadLimits limits
) : IDisposable
{
    private const int BufferBytes = 1 << 17;
    private const string Again = "run it again to continue";
    private const string Elsewhere = Again + ", or use a mirror";
    private const string Restart = "the download starts again";
    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = limits.Stall })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
    private readonly PartialFile _part = new(target);

    // Without user and password: no message and no log may show the password of a mirror.
    private readonly string _shown = address.GetComponents(
        UriComponents.AbsoluteUri & ~UriComponents.UserInfo,
        UriFormat.UriEscaped
    );

    /// <summary>
    /// Downloads the file. After an error or a cancellation the received bytes stay for the next run.
    /// </summary>
    /// <exception cref="DownloadException">
    /// The file is missing, is another one, or the connection was lost too often.
    /// </exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public async Task Run(CancellationToken cancel)
    {
        TimeSpan pause = limits.FirstPause;
        string? told = null; // one warning is enough of one problem
        for (int attempt = 0; ; attempt++)
        {
            long before = _part.Length;
            try
            {
                await Fetch(cancel).ConfigureAwait(false);
                Check();
                return;
            }
            catch (DownloadException error) when (error.IsTransient && attempt < limits.Retries)
            {
                if (error.Problem != told)
                {
                    string next = _part.Length > 0 ? $"from {_part.Length / 1e6:0.0} MB on" : "from the start";
                    progress?.Report(new Notice($"{error.Problem}: trying again {next}.", IsWarning: true));
                    told = error.Problem;
                }

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
            using HttpRequestMessage request = DownloadRequest.Create(address, _part.Length, _part.Tag);
            using HttpResponseMessage response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token)
                .ConfigureAwait(false);
            if (
                response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                && response.Content.Headers.ContentRange?.Length == _part.Length
            )
            {
                return; // the whole file was received before
            }

            CheckStatus(response);
            await Receive(response, stall, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            double seconds = limits.Stall.TotalSeconds;
            throw Error($"the server has sent nothing for {seconds:0.#} s", Elsewhere, true, error);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw Error(Printable.Text(error.Message.TrimEnd('.')), Elsewhere, true, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A lost connection also ends in an IOException, but only that one has an inner exception.
            bool isDisk = error is UnauthorizedAccessException || error.InnerException is null;
            string way = isDisk ? "make room, or end the other process that downloads this file" : Again;
            throw Error(Printable.Text(error.Message.TrimEnd('.')), way, !isDisk, error);
        }
    }

    private void CheckStatus(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            _part.Discard();
            throw Error("the bytes received before do not belong to this file", Restart, true);
        }

        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            throw Error($"the server has no such file ({status})", "get it elsewhere and add it, or use a mirror");
        }

        if (!response.IsSuccessStatusCode)
        {
            bool isBusy = status is 408 or 429 or >= 500;
            string phrase = Printable.Text(response.ReasonPhrase ?? "");
            throw Error($"the server answers {status} {phrase}", "try again later, or use a mirror", isBusy);
        }

        if (response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            throw WebPage();
        }
    }

    private async Task Receive(HttpResponseMessage response, CancellationTokenSource stall, CancellationToken cancel)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool isPartial = response.StatusCode == HttpStatusCode.PartialContent;
        bool isContinued = isPartial && _part.Length > 0 && range?.From == _part.Length;
        if (isPartial && !isContinued)
        {
            _part.Discard();
            throw Error("the server sent another part than the requested one", Restart, true);
        }

        long? total = isContinued ? range!.Length : response.Content.Headers.ContentLength;
        if (total > limits.Bytes)
        {
            throw Error($"{total:N0} bytes are more than any weight file has", "check the address");
        }

        long first = isContinued ? _part.Length : 0;
        using Stream source = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        using FileStream file = _part.Open(isContinued, DownloadRequest.TagOf(response));
        long end = await Copy(source, file, first, total, stall, cancel).ConfigureAwait(false);
        if (end < total)
        {
            throw Error($"the connection ended after {end:N0} of {total:N0} bytes", Again, true);
        }
    }

    /// <summary>Copies the response behind the first bytes of the file.</summary>
    /// <returns>The file's length in bytes.</returns>
    private async Task<long> Copy(
        Stream source,
        FileStream file,
        long first,
        long? total,
        CancellationTokenSource stall,
        CancellationToken cancel
    )
    {
        byte[] buffer = new byte[BufferBytes];
        long done = first;
        Stopwatch watch = Stopwatch.StartNew();
        while (await source.ReadAsync(buffer, stall.Token).ConfigureAwait(false) is > 0 and int count)
        {
            if (done == 0 && DownloadRequest.IsWebPage(buffer.AsSpan(0, count)))
            {
                file.Dispose();
                _part.Discard();
                throw WebPage();
            }

            await file.WriteAsync(buffer.AsMemory(0, count), cancel).ConfigureAwait(false);
            done += count;
            stall.CancelAfter(limits.Stall);
            Report(done, total, (done - first) / Math.Max(watch.Elapsed.TotalSeconds, 1e-3));
            if (done > (total ?? limits.Bytes))
            {
                throw Error(
                    $"the server sends more than the {total ?? limits.Bytes:N0} bytes that it announced",
                    "check the address"
                );
            }
        }

        return done;
    }

    private void Check()
    {
        string hash = _part.Hash();
        if (!hash.StartsWith(sha256, StringComparison.Ordinal))
        {
            _part.Discard();
            throw Error(
                $"its SHA-256 is {hash}, and the publisher's begins with {sha256}: it is another file or was damaged "
                    + "on the way, and was deleted",
                "try again, or use a mirror"
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

    private DownloadException WebPage() =>
        Error(
            "the server sent a web page instead of the file, as a proxy or a login page does",
            "download the file with a browser and add it"
        );

    private DownloadException Error(string reason, string way, bool isTransient = false, Exception? inner = null) =>
        new(_shown, reason, way, isTransient, inner);
}
