using System.Text.Json;

namespace Graft.Training.Weights;

/// <summary>A layer in config.json.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="ClassName">Keras class, such as "Conv2D".</param>
/// <param name="HasScale">Whether a batch normalisation has a gamma; null for other layers.</param>
internal sealed record KerasLayer(string Name, string ClassName, bool? HasScale);

/// <summary>
/// The layers in config.json of a `.keras` file. Their order gives the numbers of the weights' groups.
/// </summary>
internal sealed class KerasConfig
{
    private const int MaximumDepth = 64;
    private readonly Dictionary<string, KerasLayer> _byName = [];
    private readonly Dictionary<string, string> _nameByGroup = [];

    /// <summary>Name of the model; null where it has none.</summary>
    public string? ModelName { get; private init; }

    /// <summary>Parses config.json.</summary>
    /// <exception cref="WeightFileException">The text is not JSON, or does not describe a model.</exception>
    public static KerasConfig Parse(WeightBytes file, ReadOnlySpan<byte> json)
    {
        // A thousand layers take one million bytes, and parsing takes up to 20 times the text's length in memory.
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
            throw file.Refuse("entry 'config.json'", $"does not describe a model ({error.Message})", error);
        }
    }

    /// <summary>The layer of a name; null where there is none.</summary>
    public KerasLayer? Layer(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Name of the layer with its weights in a group such as "conv2d_1"; null where there is none.</summary>
    public string? LayerName(string group) => _nameByGroup.GetValueOrDefault(group);

    // Keras names a group by its class in snake case, and numbers the second and later ones of a class
    // (saving_lib.py, _save_container_state).
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

    // Keras's to_snake_case (naming.py) turns "DepthwiseConv2D" into "depthwise_conv2d" and "PReLU" into "p_re_lu".
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
