using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Graft.Prediction;

/// <summary>
/// Strict JSON form of a card: no repeated or missing members, and null only where it is allowed. Version 1 is closed
/// and has no unknown members. Version 2 may have some: a member that may be ignored makes no new version.
/// </summary>
internal static class ModelCardJson
{
    private static readonly JsonSerializerOptions s_closed = Options(RequireMembers);
    private static readonly JsonSerializerOptions s_open = Options(RequireMembers, SkipUnknown);
    private static readonly JsonSerializerOptions s_indented = new(s_open)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // letters of all scripts as they are
    };

    /// <summary>Metadata of the first version, which is only read.</summary>
    public static JsonTypeInfo<CardVersion1> Version1 { get; } =
        (JsonTypeInfo<CardVersion1>)s_closed.GetTypeInfo(typeof(CardVersion1));

    /// <summary>Metadata of the current version.</summary>
    public static JsonTypeInfo<CardVersion2> Version2 { get; } =
        (JsonTypeInfo<CardVersion2>)s_open.GetTypeInfo(typeof(CardVersion2));

    /// <summary>The same for a file that people read.</summary>
    public static JsonTypeInfo<CardVersion2> IndentedVersion2 { get; } =
        (JsonTypeInfo<CardVersion2>)s_indented.GetTypeInfo(typeof(CardVersion2));

    private static JsonSerializerOptions Options(params Action<JsonTypeInfo>[] modifiers) =>
        new(ModelCardJsonContext.Default.Options)
        {
            TypeInfoResolver = modifiers.Aggregate(
                (IJsonTypeInfoResolver)ModelCardJsonContext.Default,
                (resolver, modifier) => resolver.WithAddedModifier(modifier)
            ),
        };

    // Generated code reads a missing member as 0 instead of its default, so every member that cannot be null is
    // required.
    private static void RequireMembers(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            property.IsRequired = !property.IsSetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null;
        }
    }

    private static void SkipUnknown(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object)
        {
            type.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
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
[JsonSerializable(typeof(CardVersion1))]
[JsonSerializable(typeof(CardVersion2))]
internal sealed partial class ModelCardJsonContext : JsonSerializerContext;
