using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Graft.AspNetCore;

/// <summary>Adds the addresses of Graft to a program.</summary>
public static class GraftEndpoints
{
    /// <summary>
    /// Adds POST /predict, POST /models/{name}/predict, POST /models/{name}/versions/{version}/predict, the same three
    /// with explain, GET /models, GET /health, GET /ready, and a page.
    /// </summary>
    /// <remarks>
    /// An image is sent as the body (image/* or application/octet-stream). Several are sent as files of a form
    /// (multipart/form-data) or as base64 in JSON: { "images": [ { "name": "a.jpg", "data": "..." } ] }. Errors are
    /// problem details (RFC 9457).
    /// </remarks>
    /// <param name="endpoints">The program.</param>
    /// <param name="prefix">What all addresses begin with, such as "/graft"; empty: nothing.</param>
    /// <param name="options">What is accepted.</param>
    /// <returns>The group of all addresses, for authorization and other conventions.</returns>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">No model was added.</exception>
    public static RouteGroupBuilder MapGraft(
        this IEndpointRouteBuilder endpoints,
        string prefix = "",
        EndpointOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        EndpointOptions settings = (options ?? new()).Checked();
        ServedModels models = endpoints.ServiceProvider.GetService<ServedModels>()
            ?? throw new InvalidOperationException(
                $"No model was added; call {nameof(GraftServices.AddGraftPredictor)} on the services."
            );
        RouteGroupBuilder group = endpoints.MapGroup(prefix).WithTags("Graft");
        MapHealth(group);
        MapModels(group.MapGroup("").AddEndpointFilter(new RequestGuard(settings).InvokeAsync), models, settings);
        if (settings.HasPage)
        {
            PageFiles.Map(group);
        }

        return group;
    }

    private static void MapHealth(RouteGroupBuilder group)
    {
        // models are loaded before the program listens: what answers is ready, until it is told to stop
        group.MapGet("/health", () => Results.Text("healthy")).WithName("Health").WithSummary("Whether it runs");
        group
            .MapGet("/ready", (Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime) =>
                lifetime.ApplicationStopping.IsCancellationRequested
                    ? Results.Text("stopping", statusCode: StatusCodes.Status503ServiceUnavailable)
                    : Results.Text("ready")
            )
            .WithName("Ready")
            .WithSummary("Whether it takes requests");
    }

    private static void MapModels(RouteGroupBuilder group, ServedModels models, EndpointOptions options)
    {
        ImageUpload upload = new(options, new ByteBudget(options.BytesInFlight));
        RequestRunner runner = new(options);
        group
            .MapGet("/models", () =>
                Results.Json<IReadOnlyList<ModelAnswer>>(
                    [.. models.Select(ModelAnswer.Of)],
                    ServingJson.Default.IReadOnlyListModelAnswer
                )
            )
            .WithName("ListModels")
            .WithSummary("The models and their classes")
            .Produces<IReadOnlyList<ModelAnswer>>();
        MapImages(
            group,
            "predict",
            new PredictionEndpoint(models, upload, runner).PredictAsync,
            endpoint => endpoint.WithSummary("Classifies one or more images").Produces<PredictAnswer>()
        );
        MapImages(
            group,
            "explain",
            new ExplanationEndpoint(models, upload, runner).ExplainAsync,
            endpoint =>
                endpoint
                    .WithSummary("Shows which places of one or more images speak for a class")
                    .WithDescription(
                        "The answer is a map as JSON, or a picture where image/png is accepted rather than JSON. "
                            + "?label=CLASS explains another class than the most probable one."
                    )
                    .Produces<ExplainAnswer>(200, "application/json", ExplanationEndpoint.PictureType)
                    .ProducesProblem(406)
                    .ProducesProblem(501)
        );
    }

    // One address for the default model, one for each model, and one for each version of it.
    private static void MapImages(
        RouteGroupBuilder group,
        string verb,
        Func<HttpContext, string?, string?, Task<IResult>> answer,
        Action<RouteHandlerBuilder> describe
    )
    {
        string name = char.ToUpperInvariant(verb[0]) + verb[1..];
        // with the context alone it would be a RequestDelegate, whose result nobody writes
        RouteHandlerBuilder[] endpoints =
        [
            group
                .MapPost($"/{verb}", (HttpContext context, CancellationToken _) => answer(context, null, null))
                .WithName(name),
            group
                .MapPost(
                    $"/models/{{name}}/{verb}",
                    (HttpContext context, string name) => answer(context, name, null)
                )
                .WithName($"{name}ByModel"),
            group
                .MapPost(
                    $"/models/{{name}}/versions/{{version}}/{verb}",
                    (HttpContext context, string name, string version) => answer(context, name, version)
                )
                .WithName($"{name}ByVersion"),
        ];
        foreach (RouteHandlerBuilder endpoint in endpoints)
        {
            describe(endpoint);
            Describe(endpoint);
        }
    }

    private static void Describe(RouteHandlerBuilder endpoint) =>
        endpoint
            .Accepts<JsonImageList>(
                "application/json",
                "image/*",
                "application/octet-stream",
                "multipart/form-data",
                "*/*" // without it routing answers other types with status 415 and no reason
            )
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(404)
            .ProducesProblem(413)
            .ProducesProblem(415)
            .ProducesProblem(422)
            .ProducesProblem(429)
            .ProducesProblem(503)
            .DisableAntiforgery();
}
