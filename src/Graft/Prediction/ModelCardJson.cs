using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Graft.Prediction;

/// <summary>
/// How a card is written and read: strictly (no unknown, repeated or missing members, no nulls where none belong).
/// </summary>
internal static class ModelCardJson
{
    /// <summary>
    /// Generated code would give a missing member 0 instead of its default, so all are required that cannot be null.
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

/// <summary>Generated code rather than reflection, for the cold start.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = ModelCardReader.Depth
)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJsonContext : JsonSerializerContext;
