namespace Graft.AspNetCore;

/// <summary>What the endpoints of Graft accept.</summary>
public sealed record EndpointOptions
{
    /// <summary>
    /// Key that every prediction must bring, as the header X-Api-Key or as a bearer token. At least 16 characters.
    /// Null: no key is asked for, and the program decides by its own authorization.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>Largest request in bytes, 1 KiB to 1 GiB. Larger ones get status 413. The default is 32 MiB.</summary>
    public long RequestBytes { get; init; } = 32L << 20;

    /// <summary>
    /// Most bytes of all requests that are held in memory at once, 1 MiB to 64 GiB. More get status 503. The default is
    /// 256 MiB.
    /// </summary>
    public long BytesInFlight { get; init; } = 256L << 20;

    /// <summary>Most images of one request, 1 to 1,000. The default is 64.</summary>
    public int Images { get; init; } = 64;

    /// <summary>
    /// Longest time for reading a request and computing its answer, 1 s to 10 minutes. The default is 30 seconds.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Most predictions that one address may ask for in a second, 1 to 1,000,000. More get status 429. Null, the
    /// default: any number.
    /// </summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Whether a page for trying the models is served. The default is true.</summary>
    public bool HasPage { get; init; } = true;

    internal EndpointOptions Checked()
    {
        OptionChecks checks = new();
        checks.Require(ApiKey is null or { Length: >= 16 }, nameof(ApiKey), "", "it must have at least 16 characters");
        checks.Require(
            RequestBytes is >= 1L << 10 and <= 1L << 30,
            nameof(RequestBytes),
            RequestBytes,
            "it must lie between 1 KiB and 1 GiB"
        );
        checks.Require(
            BytesInFlight is >= 1L << 20 and <= 1L << 36,
            nameof(BytesInFlight),
            BytesInFlight,
            "it must lie between 1 MiB and 64 GiB"
        );
        checks.Require(
            BytesInFlight >= RequestBytes,
            nameof(BytesInFlight),
            BytesInFlight,
            $"it must be at least {nameof(RequestBytes)}"
        );
        checks.Require(Images is >= 1 and <= 1000, nameof(Images), Images, "it must lie between 1 and 1,000");
        checks.Require(
            Timeout >= TimeSpan.FromSeconds(1) && Timeout <= TimeSpan.FromMinutes(10),
            nameof(Timeout),
            Timeout,
            "it must lie between one second and ten minutes"
        );
        checks.Require(
            RequestsPerSecond is null or (>= 1 and <= 1_000_000),
            nameof(RequestsPerSecond),
            RequestsPerSecond,
            "it must lie between 1 and 1,000,000"
        );
        checks.ThrowIfAny();
        return this;
    }
}
