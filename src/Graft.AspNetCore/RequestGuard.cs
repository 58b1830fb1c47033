using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Graft.AspNetCore;

/// <summary>Asks for the key, and limits the requests of each address.</summary>
internal sealed class RequestGuard : IDisposable
{
    private const string Bearer = "Bearer ";

    private readonly byte[]? _keyHash;
    private readonly PartitionedRateLimiter<HttpContext>? _limiter;

    public RequestGuard(EndpointOptions options)
    {
        _keyHash = options.ApiKey is string key ? Hash(key) : null;
        _limiter = options.RequestsPerSecond is int most ? LimiterOf(most) : null;
    }

    /// <summary>Lets a request pass, or answers it with status 401 or 429.</summary>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        if (_limiter is not null)
        {
            using RateLimitLease lease = _limiter.AttemptAcquire(http);
            if (!lease.IsAcquired)
            {
                ServingTelemetry.Refuse("rate");
                http.Response.Headers.RetryAfter = "1";
                return Results.Problem("Too many requests from this address; try again in a second.", statusCode: 429);
            }
        }

        if (_keyHash is not null && !HasKey(http.Request))
        {
            ServingTelemetry.Refuse("key");
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem("Send the key as the header X-Api-Key or as a bearer token.", statusCode: 401);
        }

        return await next(context).ConfigureAwait(false);
    }

    public void Dispose() => _limiter?.Dispose();

    private static PartitionedRateLimiter<HttpContext> LimiterOf(int most) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new()
            {
                TokenLimit = most,
                TokensPerPeriod = most,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            })
        );

    // Hashes have one length, and comparing them takes the same time wherever they differ.
    private bool HasKey(HttpRequest request)
    {
        string? given =
            request.Headers["X-Api-Key"] is [string key] ? key
            : request.Headers.Authorization is [string text] && text.StartsWith(Bearer, StringComparison.Ordinal)
                ? text[Bearer.Length..]
            : null;
        return given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _keyHash);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
