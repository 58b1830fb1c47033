using System.Globalization;
using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>Reads JSON that other programs wrote without throwing where a value has another kind.</summary>
internal static class JsonMembers
{
    /// <summary>A member of an object; null where there is none, or it is null.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A text or a number as text; null for any other kind.</summary>
    public static string? Text(this JsonElement? element)
    {
        try
        {
            return element?.ValueKind switch
            {
                JsonValueKind.String => element.Value.GetString(),
                JsonValueKind.Number => element.Value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair
        }
    }

    /// <summary>A whole number; null for any other kind.</summary>
    public static long? Integer(this JsonElement? element) =>
        element?.ValueKind == JsonValueKind.Number && element.Value.TryGetInt64(out long number) ? number
        : long.TryParse(element.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out long written) ? written
        : null;

    /// <summary>The elements of an array; none for any other kind.</summary>
    public static IEnumerable<JsonElement> Elements(this JsonElement? element) =>
        element?.ValueKind == JsonValueKind.Array ? element.Value.EnumerateArray() : [];

    /// <summary>The members of an object; none for any other kind.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement? element) =>
        element?.ValueKind == JsonValueKind.Object ? element.Value.EnumerateObject() : [];
}
