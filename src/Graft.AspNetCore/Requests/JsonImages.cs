using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.AspNetCore;

/// <summary>The images of a JSON request: { "images": [ { "name": "a.jpg", "data": "base64" } ] }.</summary>
internal static class JsonImages
{
    /// <summary>Reads a request.</summary>
    /// <exception cref="RefusedRequestException">It is no JSON of this form.</exception>
    public static IReadOnlyList<JsonImage> Parse(byte[] text)
    {
        try
        {
            JsonImageList? list = JsonSerializer.Deserialize(text, ServingJson.Default.JsonImageList);
            return list?.Images is { } images && images.All(image => image is { Data: not null })
                ? images
                : throw Unreadable();
        }
        catch (JsonException)
        {
            throw Unreadable();
        }
    }

    private static RefusedRequestException Unreadable() =>
        new(400, "json", "The JSON must be { \"images\": [ { \"name\": \"a.jpg\", \"data\": \"base64\" } ] }.");
}

/// <summary>A request of several images as JSON.</summary>
/// <param name="Images">The images.</param>
internal sealed record JsonImageList([property: JsonRequired] IReadOnlyList<JsonImage> Images);

/// <summary>One image.</summary>
/// <param name="Data">Content of the image file; base64 in JSON.</param>
/// <param name="Name">Name in the answer; null: its number.</param>
internal sealed record JsonImage([property: JsonRequired] byte[] Data, string? Name = null);
