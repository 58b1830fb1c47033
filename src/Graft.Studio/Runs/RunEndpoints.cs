using System.Globalization;
using Graft.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>Addresses below /api/runs: start, follow, stop and resume trainings.</summary>
internal static class RunEndpoints
{
    // A report is a document of its own: no origin, no way to the studio.
    private const string ReportPolicy =
        "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "img-src data:; frame-ancestors 'self'";

    /// <summary>Adds the addresses.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/", (RunQueue runs) => StudioJson.Answer(runs.List().Select(run => run.Summary())));
        group.MapGet("/bodies", () => StudioJson.Answer(BodyCatalog.List().Select(body => body.Name)));
        group.MapPost("/", StartAsync);
        group.MapPost("/{name}/stop", (RunQueue runs, string name) =>
        {
            StudioRun run = runs.Find(name);
            run.Stop();
            return StudioJson.Answer(run.Summary());
        });
        group.MapPost("/{name}/resume", (RunQueue runs, string name) =>
        {
            StudioRun run = runs.Find(name);
            runs.Resume(run);
            return StudioJson.Answer(run.Summary());
        });
        group.MapGet("/{name}/events", (RunQueue runs, HttpContext context, string name, CancellationToken cancel) =>
            TypedResults.ServerSentEvents(RunEvents.Follow(runs.Find(name), LastLine(context.Request), cancel))
        );
        group.MapGet("/{name}/evaluation", (RunQueue runs, string name) =>
            FileOf(runs.Find(name), RunEvaluation.FileName, "application/json")
        );
        group.MapGet("/{name}/options", (RunQueue runs, string name) =>
            FileOf(runs.Find(name), "options.json", "application/json")
        );
        group.MapGet("/{name}/model", (RunQueue runs, string name) =>
            FileOf(runs.Find(name), "model.onnx", "application/octet-stream", $"{name}.onnx")
        );
        group.MapGet("/{name}/report", (RunQueue runs, HttpContext context, string name) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ReportPolicy;
            return FileOf(runs.Find(name), RunFolder.ReportName, "text/html; charset=utf-8");
        });
    }

    private static async Task<IResult> StartAsync(
        RunQueue runs,
        Workspace workspace,
        RunRequest request,
        CancellationToken cancel
    )
    {
        StudioRun run = await runs.StartAsync(workspace.RequireSet(), request, cancel).ConfigureAwait(false);
        return StudioJson.Answer(run.Summary());
    }

    // What the browser received last, when it connects again.
    private static int LastLine(HttpRequest request) =>
        int.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;

    private static IResult FileOf(StudioRun run, string file, string type, string? download = null)
    {
        string path = Path.GetFullPath(Path.Combine(run.Folder, file));
        return File.Exists(path)
            ? Results.File(path, type, download)
            : throw new NotFoundException($"The run has no {file} yet.");
    }
}
