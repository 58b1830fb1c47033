using System.Text.Json;

namespace Graft.Training.Weights;

/// <summary>
/// A layer in config.json. <paramref name="HasScale"/> is null for layers that are no batch normalisation.
/// </summary>
internal sealed record KerasLayer(string Name, string ClassName, bool? HasScale);

/// <summary>
/// What a `.keras` file's config.json says of its layers: their names, in the order in which the weights' groups were
/// numbered.
/// </summary>
internal sealed class KerasConfig
{
    private const int MaximumDepth = 64;
    private readonly Dictionary<string, KerasLayer> _byName = [];
    private readonly Dictionary<string, string> _nameByGroup = [];

    /// <summary>Null where the model has none.</summary>
    public string? ModelName { get; private init; }

    /// <exception cref="WeightFileException">Not JSON, or not a model's.</exception>
    public static KerasConfig Parse(WeightBytes file, ReadOnlySpan<byte> json)
    {
        // a network of a thousand layers takes one million bytes; parsing takes up to 20 times a text's length
        const int MaximumLength = 3 << 20;
        if (json.Length > MaximumLength)
        {
            throw file.Refuse("entry 'config.json'", $"{json.Length} bytes; at most {MaximumLength} are read");
        }

        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement model = Property(document.RootElement, "config");
            KerasConfig config = new() { ModelName = Text(model, "name") };
            config.Add(Property(model, "layers"));
            return config;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw file.Refuse("entry 'config.json'", $"is not a model's description ({error.Message})", error);
        }
    }

    /// <summary>Null where no layer has that name.</summary>
    public KerasLayer? Layer(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The name of the layer whose weights lie in a group, "conv2d_1"; null where there is none.</summary>
    public string? LayerName(string group) => _nameByGroup.GetValueOrDefault(group);

    /// <summary>
    /// Groups are named by class, in snake case, and numbered from the second on (saving_lib.py,
    /// _save_container_state).
    /// </summary>
    private void Add(JsonElement layers)
    {
        Dictionary<string, int> counts = [];
        foreach (JsonElement layer in layers.ValueKind == JsonValueKind.Array ? layers.EnumerateArray() : [])
        {
            JsonElement config = Property(layer, "config");
            if (
                Text(layer, "class_name") is not { } className
                || (Text(config, "name") ?? Text(layer, "name")) is not { } name
            )
            {
                continue;
            }

            JsonElement scale = Property(config, "scale");
            _byName[name] = new KerasLayer(
                name,
                className,
                scale.ValueKind is JsonValueKind.True or JsonValueKind.False ? scale.GetBoolean() : null
            );
            string kind = SnakeCase(className);
            int count = counts.GetValueOrDefault(kind);
            counts[kind] = count + 1;
            _nameByGroup[count == 0 ? kind : $"{kind}_{count}"] = name;
        }
    }

    /// <summary>
    /// Keras's to_snake_case (naming.py): "DepthwiseConv2D" is "depthwise_conv2d", "PReLU" is "p_re_lu".
    /// </summary>
    private static string SnakeCase(string name)
    {
        System.Text.StringBuilder snake = new();
        for (int i = 0; i < name.Length; i++)
        {
            char next = i + 1 < name.Length ? name[i + 1] : ' ';
            bool isWordStart = i > 0 && char.IsUpper(name[i]) && (char.IsLower(next) || char.IsLower(name[i - 1]));
            if (isWordStart)
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            ? value
            : default;

    private static string? Text(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
