using Graft.Explanation;
using Graft.Imaging;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Graft.AspNetCore;

/// <summary>Answers requests for explanations: by a picture, or by maps as JSON.</summary>
internal sealed class ExplanationEndpoint(ServedModels models, ImageUpload upload, RequestRunner runner)
{
    /// <summary>Type of a picture that shows the warm places.</summary>
    public const string PictureType = "image/png";

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request. Its query may name the class to explain as "label".</param>
    /// <param name="name">Name of the model; null: the default one.</param>
    /// <param name="version">Version of the model; null: the one added last.</param>
    public Task<IResult> ExplainAsync(HttpContext context, string? name, string? version) =>
        runner.RunAsync(context, cancel => AnswerAsync(context.Request, name, version, cancel));

    private async Task<IResult> AnswerAsync(
        HttpRequest request,
        string? name,
        string? version,
        CancellationToken cancel
    )
    {
        ServedModel model = models.Require(name, version);
        bool isPicture = WantsPicture(request);
        string? label = Label(request);
        using ByteBudget.Share share = upload.Open();
        IReadOnlyList<UploadedImage> images = await upload.ReadAsync(request, share, cancel).ConfigureAwait(false);
        if (isPicture && images.Count > 1)
        {
            throw new RefusedRequestException(
                406,
                "accept",
                "A picture explains one image; send one, or accept application/json."
            );
        }

        Explained[] answers = await Task.WhenAll(images.Select(image => ExplainAsync(model, image, label, cancel)))
            .ConfigureAwait(false);
        if (images.Count == 1 && answers[0].Failure is string reason)
        {
            throw RefusedRequestException.Image(reason);
        }

        return isPicture
            ? Results.Bytes(answers[0].Served!.Explanation.ToPng(), PictureType)
            : Results.Json(AnswerOf(model, answers), ServingJson.Default.ExplainAnswer);
    }

    private static async Task<Explained> ExplainAsync(
        ServedModel model,
        UploadedImage image,
        string? label,
        CancellationToken cancel
    )
    {
        try
        {
            return new(
                image.Name,
                await model.ExplainAsync(image.Bytes, image.Name, label, cancel).ConfigureAwait(false),
                null
            );
        }
        catch (ImageException error)
        {
            return new(image.Name, null, error.Reason);
        }
        catch (ArgumentException)
        {
            throw new RefusedRequestException(
                400,
                "label",
                "'label' must be a class of the model; GET /models lists them."
            );
        }
        catch (NoExplanationException)
        {
            throw new RefusedRequestException(501, "no_maps", "This model has no maps of what it looked at.");
        }
        catch (GraftException error) when (error is not QueueFullException)
        {
            throw new RefusedRequestException(503, "changed", "The file of the model is changing; try again later.");
        }
    }

    private static ExplainAnswer AnswerOf(ServedModel model, Explained[] answers) =>
        new(
            model.Name,
            answers.FirstOrDefault(one => one.Served is not null)?.Served?.Version ?? model.Version,
            [
                .. answers.Select(one =>
                    one.Served is { Explanation: ImageExplanation explanation }
                        ? ImageExplanationAnswer.Of(one.Name, explanation)
                        : new() { Name = one.Name, Error = one.Failure }
                ),
            ]
        );

    private static string? Label(HttpRequest request) =>
        request.Query["label"] switch
        {
            [] => null,
            [string one] => one,
            _ => throw new RefusedRequestException(400, "label", "'label' must be one class."),
        };

    // JSON, unless the caller would rather have a picture.
    private static bool WantsPicture(HttpRequest request)
    {
        MediaTypeHeaderValue picture = new(PictureType);
        MediaTypeHeaderValue json = new("application/json");
        IList<MediaTypeHeaderValue> accepted = request.GetTypedHeaders().Accept;
        return Quality(accepted, picture) > Quality(accepted, json);
    }

    private static double Quality(IList<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue type) =>
        accepted.Where(type.IsSubsetOf).Select(range => range.Quality ?? 1).DefaultIfEmpty(0).Max();

    private sealed record Explained(string Name, ServedExplanation? Served, string? Failure);
}
