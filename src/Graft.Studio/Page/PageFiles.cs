using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>The page: three embedded files that web/ is built into.</summary>
internal static class PageFiles
{
    /// <summary>Adds the addresses of the files.</summary>
    public static void Map(IEndpointRouteBuilder program)
    {
        Map(program, "/", "index.html", "text/html");
        Map(program, "/app.js", "app.js", "text/javascript");
        Map(program, "/app.css", "app.css", "text/css");
    }

    private static void Map(IEndpointRouteBuilder program, string address, string file, string type) =>
        program.MapGet(address, () =>
            Results.Stream(
                Assembly.GetExecutingAssembly().GetManifestResourceStream($"wwwroot/{file}")!,
                $"{type}; charset=utf-8"
            )
        );
}
