using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Graft.Training.Tests.Bodies;

/// <summary>
/// An HTTP server on 127.0.0.1 that sends one file, with one (possibly faulty) answer per connection.
/// </summary>
internal sealed class FileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Queue<Answer> _answers;
    private readonly Task _work;

    public FileServer(params Answer[] answers)
    {
        _answers = new(answers);
        _listener.Start();
        _work = Serve();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/weights.pth");

    /// <summary>Headers of all requests, in order.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _work.Wait();
        _end.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                string request = await ReadHead(client.GetStream());
                Requests.Add(request);
                Answer answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek(); // the last answer repeats
                await Send(answer, client, request);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return; // the test has ended
        }
    }

    private async Task Send(Answer answer, TcpClient client, string request)
    {
        try
        {
            await answer.Send(client.GetStream(), request, _end.Token);
        }
        catch (IOException)
        {
            return; // the client has closed the connection; the next one may come
        }
    }

    private static async Task<string> ReadHead(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}

/// <summary>The server's answer to one connection.</summary>
/// <param name="File">The file to send.</param>
/// <param name="Status">HTTP status; 200 becomes 206 for a range.</param>
/// <param name="Type">Content-Type of the answer.</param>
/// <param name="Tag">ETag of the file; null sends none.</param>
/// <param name="CutAfter">Number of bytes after which the connection ends; null sends all.</param>
/// <param name="StallAfter">Number of bytes after which the server sends nothing more; null sends all.</param>
/// <param name="HasRanges">Whether the server supports ranges.</param>
internal sealed record Answer(
    byte[] File,
    int Status = 200,
    string Type = "application/octet-stream",
    string? Tag = "\"v1\"",
    int? CutAfter = null,
    int? StallAfter = null,
    bool HasRanges = true
)
{
    public async Task Send(NetworkStream stream, string request, CancellationToken cancel)
    {
        int from = HasRanges && Status == 200 ? RangeOf(request) : 0;
        string? wanted = Header(request, "If-Range");
        from = wanted is null || wanted == Tag ? from : 0;
        bool isOutside = from > 0 && from >= File.Length;
        int status =
            isOutside ? 416
            : from > 0 ? 206
            : Status;
        byte[] body = isOutside ? [] : File[from..];
        StringBuilder head = new(
            $"HTTP/1.1 {status} Status\r\nContent-Type: {Type}\r\nContent-Length: {body.Length}\r\n"
                + "Connection: close\r\n"
        );
        head.Append(Tag is null ? "" : $"ETag: {Tag}\r\n");
        head.Append(
            isOutside ? $"Content-Range: bytes */{File.Length}\r\n"
            : from > 0 ? $"Content-Range: bytes {from}-{File.Length - 1}/{File.Length}\r\n"
            : ""
        );
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"), cancel);
        await stream.WriteAsync(body.AsMemory(0, Math.Min(body.Length, CutAfter ?? StallAfter ?? body.Length)), cancel);
        if (StallAfter is not null)
        {
            // Longer than the tests' limit, but short enough for the next connection.
            await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        }
    }

    private static int RangeOf(string request) =>
        Header(request, "Range") is string range
            ? int.Parse(range["bytes=".Length..].TrimEnd('-'), NumberStyles.None, CultureInfo.InvariantCulture)
            : 0;

    private static string? Header(string request, string name) =>
        request
            .Split("\r\n")
            .FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
            ?[(name.Length + 2)..];
}
