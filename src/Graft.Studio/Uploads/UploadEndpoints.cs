using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>Addresses below /api/uploads: files that are dropped on the page, and opening them.</summary>
internal static class UploadEndpoints
{
    /// <summary>Adds the addresses.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/", (UploadStore uploads) => StudioJson.Answer(new UploadName(uploads.Begin())));
        group.MapPut("/{name}", AddAsync).DisableAntiforgery();
        group.MapDelete("/{name}", (UploadStore uploads, string name) =>
        {
            uploads.Discard(name);
            return Results.NoContent();
        });
        group.MapPost(
            "/{name}/open",
            (Workspace workspace, UploadStore uploads, string name, CancellationToken cancel) =>
                UseAsync(workspace, uploads, name, root => workspace.OpenAsync(root, followsLinks: false, cancel))
        );
        group.MapPost(
            "/{name}/unlabelled",
            (Workspace workspace, UploadStore uploads, string name, CancellationToken cancel) =>
                UseAsync(workspace, uploads, name, root =>
                    workspace.AddUnlabelledAsync(
                        Directory.Exists(root) ? root : Path.GetDirectoryName(root)!,
                        followsLinks: false,
                        cancel
                    )
                )
        );
    }

    private static async Task<IResult> AddAsync(
        UploadStore uploads,
        StudioOptions options,
        HttpContext context,
        string name,
        string path,
        CancellationToken cancel
    )
    {
        // an archive is larger than a picture
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.UploadBytes;
        await uploads.Find(name).AddAsync(path, context.Request.Body, cancel).ConfigureAwait(false);
        return Results.NoContent();
    }

    // What cannot be used is not kept.
    private static async Task<IResult> UseAsync(
        Workspace workspace,
        UploadStore uploads,
        string name,
        Func<string, Task> use
    )
    {
        string root = uploads.Find(name).Root();
        try
        {
            await use(root).ConfigureAwait(false);
        }
        catch
        {
            uploads.Discard(name);
            throw;
        }

        uploads.Keep(name);
        return StudioJson.Answer(workspace.RequireSet().Summary());
    }
}

/// <summary>An upload that was begun.</summary>
/// <param name="Name">Its name.</param>
internal sealed record UploadName(string Name);
