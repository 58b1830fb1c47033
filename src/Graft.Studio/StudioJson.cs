using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Graft.Studio;

/// <summary>How answers are written.</summary>
internal static class StudioJson
{
    /// <summary>Camel case; enumerations as words.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>A value as JSON; nothing is null.</summary>
    public static IResult Answer<T>(T value) =>
        Results.Text(JsonSerializer.Serialize(value, Options), "application/json");
}
