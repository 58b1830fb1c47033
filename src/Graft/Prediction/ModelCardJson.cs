using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Graft.Prediction;

/// <summary>
/// Strict JSON form of a card: no unknown, repeated or missing members, and null only where it is allowed.
/// </summary>
internal static class ModelCardJson
{
    /// <summary>
    /// Metadata of the card's type. Generated code reads a missing member as 0 instead of its default, so every member
    /// that cannot be null is required.
    /// </summary>
    public static JsonTypeInfo<ModelCard> Type { get; } =
        (JsonTypeInfo<ModelCard>)
            new JsonSerializerOptions(ModelCardJsonContext.Default.Options)
            {
                TypeInfoResolver = ModelCardJsonContext.Default.WithAddedModifier(RequireMembers),
            }.GetTypeInfo(typeof(ModelCard));

    private static void RequireMembers(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            property.IsRequired = !property.IsSetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null;
        }
    }
}

/// <summary>Generated serialisation code, which starts faster than reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = ModelCardReader.Depth
)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJsonContext : JsonSerializerContext;
