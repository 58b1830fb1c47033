using Graft.Explanation;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Graft.Studio;

/// <summary>Addresses below /api/runs/{name} that use its model: the test images, and pictures of the user.</summary>
internal static class ModelEndpoints
{
    private const int MostScores = 5;

    /// <summary>Adds the addresses.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/test", async (RunQueue runs, LoadedModels models, string name, CancellationToken cancel) =>
            StudioJson.Answer(await models.AnswersAsync(runs.Find(name), cancel).ConfigureAwait(false))
        );
        group.MapGet("/test/{number:int}/picture", TestPictureAsync);
        group.MapGet("/test/{number:int}/heat", TestHeatAsync);
        group.MapPost("/predict", PredictAsync).DisableAntiforgery();
        group.MapPost("/heat", HeatAsync).DisableAntiforgery();
    }

    private static async Task<IResult> TestPictureAsync(
        RunQueue runs,
        LoadedModels models,
        PictureWriter pictures,
        string name,
        int number,
        int side,
        CancellationToken cancel
    )
    {
        LabelledImage image = await TestImageAsync(runs.Find(name), models, number, cancel).ConfigureAwait(false);
        return Results.Bytes(await pictures.JpegAsync(image, side, cancel).ConfigureAwait(false), "image/jpeg");
    }

    private static async Task<IResult> TestHeatAsync(
        RunQueue runs,
        LoadedModels models,
        PictureWriter pictures,
        string name,
        int number,
        string? label,
        CancellationToken cancel
    )
    {
        StudioRun run = runs.Find(name);
        LabelledImage image = await TestImageAsync(run, models, number, cancel).ConfigureAwait(false);
        byte[] bytes = await pictures.ReadAsync(image, cancel).ConfigureAwait(false);
        return await HeatOfAsync(models, run, bytes, image.Name, label, cancel).ConfigureAwait(false);
    }

    private static async Task<LabelledImage> TestImageAsync(
        StudioRun run,
        LoadedModels models,
        int number,
        CancellationToken cancel
    )
    {
        TestAnswers answers = await models.AnswersAsync(run, cancel).ConfigureAwait(false);
        return number >= 0 && number < answers.Images.Count
            ? answers.Images[number]
            : throw new NotFoundException("The run has no such test image.");
    }

    private static async Task<IResult> PredictAsync(
        RunQueue runs,
        LoadedModels models,
        StudioOptions options,
        HttpContext context,
        string name,
        CancellationToken cancel
    )
    {
        byte[] bytes = await ReadAsync(context.Request, options, cancel).ConfigureAwait(false);
        ImagePrediction answer = await models
            .UseAsync(runs.Find(name), model => model.Predictor.Predict(bytes, "picture"), cancel)
            .ConfigureAwait(false);
        return StudioJson.Answer(
            new PictureAnswer(
                answer.Labels,
                answer.IsSure,
                answer.IsFamiliar,
                [.. answer.Scores.Take(MostScores)],
                answer.Note
            )
        );
    }

    private static async Task<IResult> HeatAsync(
        RunQueue runs,
        LoadedModels models,
        StudioOptions options,
        HttpContext context,
        string name,
        string? label,
        CancellationToken cancel
    )
    {
        byte[] bytes = await ReadAsync(context.Request, options, cancel).ConfigureAwait(false);
        return await HeatOfAsync(models, runs.Find(name), bytes, "picture", label, cancel).ConfigureAwait(false);
    }

    private static Task<IResult> HeatOfAsync(
        LoadedModels models,
        StudioRun run,
        byte[] bytes,
        string image,
        string? label,
        CancellationToken cancel
    ) =>
        models.UseAsync(
            run,
            model =>
            {
                Explainer explainer = model.Explainer
                    ?? throw new NotFoundException("This model has no maps of what it looked at.");
                if (label is not null && !model.Predictor.Card.Labels.Contains(label))
                {
                    throw new NotFoundException("The model has no such class.");
                }

                return Results.Bytes(explainer.Explain(bytes, image, label).ToPng(), "image/png");
            },
            cancel
        );

    private static Task<byte[]> ReadAsync(HttpRequest request, StudioOptions options, CancellationToken cancel) =>
        ImageFile.ReadAsync(request.Body, "picture", options.Training.Limits.Image, cancel);
}

/// <summary>The answer for a picture of the user.</summary>
/// <param name="Labels">The labels that the model gives.</param>
/// <param name="IsSure">False: the model would rather not answer.</param>
/// <param name="IsFamiliar">False: the picture is unlike anything the model was trained on.</param>
/// <param name="Scores">The most probable classes.</param>
/// <param name="Note">What to know about the file.</param>
internal sealed record PictureAnswer(
    IReadOnlyList<string> Labels,
    bool IsSure,
    bool IsFamiliar,
    IReadOnlyList<LabelScore> Scores,
    string? Note
);
