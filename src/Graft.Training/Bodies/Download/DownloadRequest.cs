using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>What a download asks of a server, and what it reads off the answer.</summary>
internal static class DownloadRequest
{
    /// <summary>Asks for a file, or for the rest of it.</summary>
    /// <param name="address">URL of the file. Its user and password become a header.</param>
    /// <param name="received">Number of bytes that were received before.</param>
    /// <param name="tag">Version of the file that they belong to; null if it is not known.</param>
    public static HttpRequestMessage Create(Uri address, long received, string? tag)
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

        if (received > 0)
        {
            request.Headers.Range = new RangeHeaderValue(received, null);
            if (tag is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Range", tag); // the server sends another version whole
            }
        }

        return request;
    }

    /// <summary>Version of a file that a later request can name; null if the server states none.</summary>
    /// <remarks>If-Range accepts only strong tags and dates (RFC 9110, section 13.1.5).</remarks>
    public static string? TagOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag
            ? tag.Tag
            : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Whether a file that begins with these bytes is a web page.</summary>
    /// <remarks>Hotels and proxies send login pages in place of files. No weight format begins with "&lt;".</remarks>
    public static bool IsWebPage(ReadOnlySpan<byte> start) =>
        start.TrimStart("\uFEFF \t\r\n"u8).StartsWith("<?xml"u8)
        || FileKind.IsWebPage(start[..Math.Min(start.Length, FileKind.Length)]);
}
