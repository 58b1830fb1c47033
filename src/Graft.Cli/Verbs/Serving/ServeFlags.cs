using System.CommandLine;
using Graft.AspNetCore;

namespace Graft.Cli.Verbs;

/// <summary>The options of `graft serve` that bound what a server takes on.</summary>
internal sealed class ServeFlags
{
    private const string RateName = "--requests-per-second";

    private readonly Option<int> _workers = Flag.Number(
        "--workers",
        "N",
        "Batches computed at once, each on one thread; 0: one per core",
        0
    );

    private readonly Option<int> _batchSize = Flag.Number("--batch-size", "N", "Most images of one batch", 8);

    private readonly Option<int> _queue = Flag.Number("--queue", "N", "Most images that wait for a worker", 256);

    private readonly Option<long> _requestBytes = Flag.Number(
        "--request-bytes",
        "BYTES",
        "Largest request",
        new EndpointOptions().RequestBytes
    );

    private readonly Option<int> _images = Flag.Number("--images", "N", "Most images of one request", 64);

    private readonly Option<TimeSpan?> _timeout = Flag.TimeOrNone(
        "--timeout",
        "Longest time for one request; 30s if it is not given"
    );

    private readonly Option<int?> _rate = Flag.NumberOrNone<int>(
        RateName,
        "N",
        "Most predictions that one address may ask for in a second; any number if it is not given"
    );

    private readonly Option<bool> _noPage = Flag.Switch("--no-page", "Serve no page for browsers");

    private readonly Option<string[]> _limits = LimitFlag.Create();

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Verb verb) =>
        Array.ForEach<Option>(
            [_workers, _batchSize, _queue, _requestBytes, _images, _timeout, _rate, _noPage, _limits],
            verb.Options.Add
        );

    /// <summary>How each model is loaded and batched.</summary>
    public ServedModelOptions Model(ParseResult parsed) =>
        new()
        {
            Workers = parsed.GetValue(_workers),
            BatchSize = parsed.GetValue(_batchSize),
            QueueLength = parsed.GetValue(_queue),
            Limits = LimitFlag.Read(parsed.GetValue(_limits)),
        };

    /// <summary>What requests may bring.</summary>
    public EndpointOptions Endpoint(ParseResult parsed, string? key)
    {
        EndpointOptions otherwise = new();
        long bytes = parsed.GetValue(_requestBytes);
        return otherwise with
        {
            ApiKey = string.IsNullOrEmpty(key) ? null : key,
            RequestBytes = bytes,
            BytesInFlight = Math.Max(otherwise.BytesInFlight, bytes),
            Images = parsed.GetValue(_images),
            Timeout = parsed.GetValue(_timeout) ?? otherwise.Timeout,
            RequestsPerSecond = parsed.GetValue(_rate),
            HasPage = !parsed.GetValue(_noPage),
        };
    }
}
