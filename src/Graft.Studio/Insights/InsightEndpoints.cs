using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>
/// Addresses below /api/data that compute in the background: findings, features with their neighbours and map, and
/// proposals. A POST starts the work; a GET of its state tells how far it is.
/// </summary>
internal static class InsightEndpoints
{
    private const int MostSimilar = 500;

    /// <summary>Adds the addresses.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        MapWork(group, "/findings", insights => insights.Findings, StartFindings);
        MapWork(group, "/features", insights => insights.Features, StartFeatures);
        group.MapPost("/proposals", StartProposals);
        group.MapGet("/proposals/state", (Workspace workspace) =>
            StudioJson.Answer(workspace.RequireSet().Insights.Proposals.State())
        );
        group.MapGet("/findings", (Workspace workspace) =>
            StudioJson.Answer(ResultOf(workspace.RequireSet().Insights.Findings))
        );
        group.MapGet("/proposals", (Workspace workspace) =>
            StudioJson.Answer(ResultOf(workspace.RequireSet().Insights.Proposals))
        );
        group.MapGet("/similar/{number:int}", (Workspace workspace, int number) =>
            StudioJson.Answer(ResultOf(workspace.RequireSet().Insights.Features).Similar(number, MostSimilar))
        );
        group.MapGet("/map", (Workspace workspace) =>
            StudioJson.Answer(FeatureMap.Of(ResultOf(workspace.RequireSet().Insights.Features)))
        );
    }

    private static void MapWork<T>(
        RouteGroupBuilder group,
        string address,
        Func<SetInsights, BackgroundWork<T>> workOf,
        Action<OpenSet, StudioOptions> start
    )
        where T : class
    {
        group.MapPost(address, (Workspace workspace, StudioOptions options) =>
        {
            OpenSet set = workspace.RequireSet();
            start(set, options);
            return StudioJson.Answer(workOf(set.Insights).State());
        });
        group.MapGet($"{address}/state", (Workspace workspace) =>
            StudioJson.Answer(workOf(workspace.RequireSet().Insights).State())
        );
    }

    private static T ResultOf<T>(BackgroundWork<T> work)
        where T : class => work.Result ?? throw new NotFoundException("This was not computed yet.");

    private static void StartFindings(OpenSet set, StudioOptions options)
    {
        SetSnapshot snapshot = set.Snapshot();
        set.Insights.Findings.Start((progress, stop) =>
            SetFindings.ExamineAsync(snapshot, options, progress, stop)
        );
    }

    // Features depend on the pixels only: labels may change.
    private static void StartFeatures(OpenSet set, StudioOptions options)
    {
        SetSnapshot snapshot = set.Snapshot();
        if (set.Insights.Features.Result?.ImageCount != snapshot.Images.Count)
        {
            set.Insights.Features.Start((progress, stop) =>
                SetFeatures.ExtractAsync(snapshot, options, progress, stop)
            );
        }
    }

    private static IResult StartProposals(
        Workspace workspace,
        RunQueue runs,
        LoadedModels models,
        StudioOptions options,
        ProposalRequest request
    )
    {
        SetSnapshot snapshot = workspace.RequireSet().Snapshot();
        StudioRun run = runs.Find(request.Run ?? "");
        BackgroundWork<SetProposals> work = snapshot.Set.Insights.Proposals;
        work.Start((progress, stop) => SetProposals.OfAsync(snapshot, run, models, options, progress, stop));
        return StudioJson.Answer(work.State());
    }
}

/// <summary>Which model is to propose labels.</summary>
/// <param name="Run">Name of its run.</param>
internal sealed record ProposalRequest(string? Run);
