using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Graft.Studio;

/// <summary>
/// Lets only the page of this studio in. Another page in the same browser could send requests to this machine: it lacks
/// the cookie, names another host (DNS rebinding) or has another origin.
/// </summary>
internal sealed class AccessGuard
{
    private const string KeyName = "key";

    // a report may run its own scripts, but in a place of its own: it cannot reach the studio
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
        + "connect-src 'self'; media-src blob:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'self'";

    /// <summary>What the first address holds: 256 random bits.</summary>
    public string Key { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>The port that requests must name. 0 until the server listens.</summary>
    public int Port { get; set; }

    /// <summary>Passes a request on, or answers it with status 303, 401 or 403.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = PagePolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (!IsOwnHost(request.Host))
        {
            await RefuseAsync(context, 403, "The studio answers at its own address only.").ConfigureAwait(false);
        }
        else if (IsKey(request.Query[KeyName]) && HttpMethods.IsGet(request.Method) && request.Path == "/")
        {
            CookieOptions cookie = new()
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                IsEssential = true,
            };
            context.Response.Cookies.Append(CookieName, Key, cookie);
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            headers.Location = "/"; // the key does not stay in the address
        }
        else if (!IsKey(request.Cookies[CookieName]))
        {
            await RefuseAsync(context, 401, "Open the address that the studio printed when it started.")
                .ConfigureAwait(false);
        }
        else if (!IsRead(request.Method) && request.Headers.Origin != $"http://{request.Host}")
        {
            await RefuseAsync(context, 403, "Requests that change something come from the studio's page only.")
                .ConfigureAwait(false);
        }
        else
        {
            await next(context).ConfigureAwait(false);
        }
    }

    // Cookies do not tell ports apart.
    private string CookieName => $"graft-studio-{Port}";

    private bool IsOwnHost(HostString host) => host.Port == Port && host.Host is "127.0.0.1" or "localhost";

    private bool IsKey(string? given) =>
        given is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Key));

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}
