using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.AspNetCore;

/// <summary>The page for trying a model: drop, paste, choose or photograph a picture.</summary>
internal static class PageFiles
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        + "media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds the page and its two files.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/", context => WriteAsync(context, "page.html", "text/html")).ExcludeFromDescription();
        group.MapGet("/page.js", context => WriteAsync(context, "page.js", "text/javascript")).ExcludeFromDescription();
        group.MapGet("/page.css", context => WriteAsync(context, "page.css", "text/css")).ExcludeFromDescription();
    }

    private static async Task WriteAsync(HttpContext context, string file, string type)
    {
        HttpRequest request = context.Request;
        if (type == "text/html" && !request.Path.Value!.EndsWith('/'))
        {
            // its links are relative to the folder
            context.Response.Redirect($"{request.PathBase}{request.Path}/");
            return;
        }

        context.Response.ContentType = $"{type}; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-cache";
        using Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        await content.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
