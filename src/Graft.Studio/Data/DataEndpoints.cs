using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>Addresses below /api/data: what is open, its pictures and its labels.</summary>
internal static class DataEndpoints
{
    /// <summary>Adds the addresses.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/", (Workspace workspace) => StudioJson.Answer(workspace.Set?.Summary()));
        group.MapPost("/open", OpenAsync);
        group.MapPost("/unlabelled", AddUnlabelledAsync);
        group.MapGet("/images", (Workspace workspace) => StudioJson.Answer(workspace.RequireSet().Images()));
        group.MapGet("/{id}/pictures/{number:int}", PictureAsync);
        group.MapPost("/edit", (Workspace workspace, LabelEdit edit) =>
        {
            OpenSet set = workspace.RequireSet();
            set.Edit(edit);
            return StudioJson.Answer(set.Summary());
        });
        group.MapPost("/add", AddAsync).DisableAntiforgery();
        group.MapPost("/write", WriteAsync);
    }

    /// <summary>The path of a request, which must exist.</summary>
    /// <exception cref="GraftException">It does not.</exception>
    public static string PathOf(OpenRequest request)
    {
        string path = request.Path?.Trim() ?? "";
        return Path.Exists(path)
            ? path
            : throw new GraftException(
                $"'{Printable.Text(path)}' cannot be opened: there is no such file or folder; correct its path"
            );
    }

    private static async Task<IResult> OpenAsync(Workspace workspace, OpenRequest request, CancellationToken cancel)
    {
        OpenSet set = await workspace.OpenAsync(PathOf(request), followsLinks: true, cancel).ConfigureAwait(false);
        return StudioJson.Answer(set.Summary());
    }

    private static async Task<IResult> AddUnlabelledAsync(
        Workspace workspace,
        OpenRequest request,
        CancellationToken cancel
    )
    {
        await workspace.AddUnlabelledAsync(PathOf(request), followsLinks: true, cancel).ConfigureAwait(false);
        return StudioJson.Answer(workspace.RequireSet().Summary());
    }

    private static async Task<IResult> AddAsync(
        Workspace workspace,
        PictureStore store,
        StudioOptions options,
        HttpContext context,
        string? label,
        CancellationToken cancel
    )
    {
        OpenSet set = workspace.RequireSet();
        string name = LabelChanges.Named(label);
        byte[] bytes = await ImageFile
            .ReadAsync(context.Request.Body, "picture", options.Training.Limits.Image, cancel)
            .ConfigureAwait(false);
        StoredPicture picture = await Task.Run(() => store.KeepDecodable(bytes), cancel).ConfigureAwait(false);
        return StudioJson.Answer(set.Add(picture, name));
    }

    private static async Task<IResult> WriteAsync(
        Workspace workspace,
        PictureStore store,
        StudioOptions options,
        CancellationToken cancel
    )
    {
        SetSnapshot snapshot = workspace.RequireSet().Snapshot();
        string path = await snapshot
            .WriteAsync(FreePath(snapshot.Set.Source), store, options.Training.Limits.Image, cancel)
            .ConfigureAwait(false);
        return StudioJson.Answer(new WrittenList(path));
    }

    private static async Task<IResult> PictureAsync(
        Workspace workspace,
        PictureWriter pictures,
        HttpContext context,
        string id,
        int number,
        int side,
        CancellationToken cancel
    )
    {
        OpenSet set = workspace.RequireSet();
        LabelledImage image = set.Id == id && set.Find(number) is LabelledImage found
            ? found
            : throw new NotFoundException("This picture belongs to images that are no longer open.");
        byte[] jpeg = await pictures.JpegAsync(image, side, cancel).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "private, max-age=3600"; // the address names the opening
        return Results.Bytes(jpeg, "image/jpeg");
    }

    // Beside the images: "photos" becomes "photos-labels.csv", then "photos-labels-2.csv". Nothing is overwritten.
    private static string FreePath(string source)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        string start = Path.Combine(
            Path.GetDirectoryName(full) ?? full,
            $"{(Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full))}-labels"
        );
        return Enumerable
            .Range(1, int.MaxValue - 1)
            .Select(number => number == 1 ? $"{start}.csv" : $"{start}-{number}.csv")
            .First(path => !Path.Exists(path));
    }
}
