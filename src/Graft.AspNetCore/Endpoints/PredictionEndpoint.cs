using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Graft.AspNetCore;

/// <summary>Answers requests for predictions.</summary>
internal sealed class PredictionEndpoint(ServedModels models, ImageUpload upload, RequestRunner runner)
{
    private const int MostScores = 1000;

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">Name of the model; null: the default one.</param>
    /// <param name="version">Version of the model; null: the one added last.</param>
    public Task<IResult> PredictAsync(HttpContext context, string? name, string? version) =>
        runner.RunAsync(context, cancel => AnswerAsync(context.Request, name, version, cancel));

    private async Task<IResult> AnswerAsync(
        HttpRequest request,
        string? name,
        string? version,
        CancellationToken cancel
    )
    {
        ServedModel model = models.Require(name, version);
        int top = Top(request);
        using ByteBudget.Share share = upload.Open();
        IReadOnlyList<UploadedImage> images = await upload.ReadAsync(request, share, cancel).ConfigureAwait(false);
        ServedPrediction[] answers = await Task.WhenAll(
                images.Select(image => model.PredictAsync(image.Bytes, image.Name, cancel))
            )
            .ConfigureAwait(false);
        if (images.Count == 1 && answers[0].Result.Failure is string reason)
        {
            throw RefusedRequestException.Image(reason);
        }

        PredictAnswer answer = new(
            model.Name,
            answers[0].Version,
            [.. answers.Select(answer => ImageAnswer.Of(answer.Result, top))]
        );
        return Results.Json(answer, ServingJson.Default.PredictAnswer);
    }

    private static int Top(HttpRequest request) =>
        request.Query["top"] is not [string text] ? 5
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int top)
        && top is >= 1 and <= MostScores
            ? top
        : throw new RefusedRequestException(400, "top", $"'top' must be a whole number from 1 to {MostScores}.");
}
