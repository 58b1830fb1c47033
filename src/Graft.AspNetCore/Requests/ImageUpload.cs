using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Graft.AspNetCore;

/// <summary>The images of a request: raw bytes, a form with files, or JSON with base64.</summary>
internal sealed class ImageUpload(EndpointOptions options, ByteBudget budget)
{
    private const int MostNameCharacters = 200;

    /// <summary>Reads all images of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="share">Takes the memory of the request; the caller disposes it after the answer.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="RefusedRequestException">It has no images, another form, or exceeds a limit.</exception>
    public async Task<IReadOnlyList<UploadedImage>> ReadAsync(
        HttpRequest request,
        ByteBudget.Share share,
        CancellationToken cancel
    )
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.RequestBytes;
        }

        if (request.ContentLength > options.RequestBytes)
        {
            throw LimitedBody.TooLarge(options.RequestBytes);
        }

        LimitedBody body = new(options.RequestBytes, share);
        IReadOnlyList<UploadedImage> images = await ReadAsync(request, body, cancel).ConfigureAwait(false);
        return images.Count == 0
            ? throw new RefusedRequestException(400, "no_image", "The request holds no image.")
            : images;
    }

    /// <summary>Opens a share of the server's memory for one request.</summary>
    public ByteBudget.Share Open() => budget.Open();

    private Task<IReadOnlyList<UploadedImage>> ReadAsync(
        HttpRequest request,
        LimitedBody body,
        CancellationToken cancel
    )
    {
        string type = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? parsed)
            ? parsed.MediaType.ToString().ToLowerInvariant()
            : "";
        return type switch
        {
            "multipart/form-data" => FormAsync(request, parsed!, body, cancel),
            "application/json" => JsonAsync(request, body, cancel),
            "application/octet-stream" => RawAsync(request, body, cancel),
            _ when type.StartsWith("image/", StringComparison.Ordinal) => RawAsync(request, body, cancel),
            _ => throw new RefusedRequestException(
                415,
                "media_type",
                "Send an image (image/* or application/octet-stream), multipart/form-data or application/json."
            ),
        };
    }

    private static async Task<IReadOnlyList<UploadedImage>> RawAsync(
        HttpRequest request,
        LimitedBody body,
        CancellationToken cancel
    )
    {
        byte[] bytes = await body.ReadAsync(request.Body, cancel).ConfigureAwait(false);
        return bytes.Length == 0 ? [] : [new("image", bytes)];
    }

    private async Task<IReadOnlyList<UploadedImage>> FormAsync(
        HttpRequest request,
        MediaTypeHeaderValue type,
        LimitedBody body,
        CancellationToken cancel
    )
    {
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 200)
        {
            throw new RefusedRequestException(400, "form", "The form has no boundary of 1 to 200 characters.");
        }

        List<UploadedImage> images = [];
        MultipartReader reader = new(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
        try
        {
            while (await reader.ReadNextSectionAsync(cancel).ConfigureAwait(false) is MultipartSection section)
            {
                if (section.GetContentDispositionHeader()?.IsFileDisposition() != true)
                {
                    throw new RefusedRequestException(400, "form", "A part of the form is no file.");
                }

                RequireRoom(images.Count);
                byte[] bytes = await body.ReadAsync(section.Body, cancel).ConfigureAwait(false);
                images.Add(new(NameOf(section.AsFileSection()!.FileName, images.Count), bytes));
            }
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new RefusedRequestException(400, "form", "The form cannot be read.");
        }
        // MultipartReader's answer to a form that ends before its last boundary
        catch (IOException)
            when (!cancel.IsCancellationRequested && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new RefusedRequestException(400, "form", "The form ends before its last boundary.");
        }

        return images;
    }

    private async Task<IReadOnlyList<UploadedImage>> JsonAsync(
        HttpRequest request,
        LimitedBody body,
        CancellationToken cancel
    )
    {
        byte[] text = await body.ReadAsync(request.Body, cancel).ConfigureAwait(false);
        IReadOnlyList<JsonImage> given = JsonImages.Parse(text);
        RequireRoom(given.Count - 1);
        return [.. given.Select((image, i) => new UploadedImage(NameOf(image.Name, i), image.Data))];
    }

    private void RequireRoom(int images)
    {
        if (images >= options.Images)
        {
            throw new RefusedRequestException(
                413,
                "too_many_images",
                $"The request holds more than {options.Images} images."
            );
        }
    }

    // Names are shown and logged: no paths, and not too long.
    private static string NameOf(string? given, int number)
    {
        string name = given is null ? "" : given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length == 0 ? $"image {number + 1}" : name[..Math.Min(name.Length, MostNameCharacters)];
    }
}
