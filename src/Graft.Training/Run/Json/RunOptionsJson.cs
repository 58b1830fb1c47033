using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Graft.Training.Run;

/// <summary>How options.json is read and written.</summary>
/// <remarks>
/// A generated reader gives an init property that the file does not name the zero of its type, not the default of its
/// initialiser. So what the file says is laid over the defaults before it is read.
/// </remarks>
[JsonSerializable(typeof(RunOptions))]
internal sealed partial class RunOptionsJson : JsonSerializerContext
{
    private const string OptionsName = "options";

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads and writes in the form of all JSON files of a run.</summary>
    public static RunOptionsJson Instance { get; } = new(new(TrainingRun.Json));

    /// <summary>Reads the content of options.json. Options that it does not name have their defaults.</summary>
    /// <exception cref="JsonException">It is not what Graft writes.</exception>
    public static RunOptions Parse(ReadOnlySpan<byte> json)
    {
        JsonNode? whole = JsonNode.Parse(json, documentOptions: s_strict);
        if (whole is JsonObject file && file[OptionsName] is JsonObject given)
        {
            JsonNode defaults = JsonSerializer.SerializeToNode(new(), Instance.TrainingOptions)!;
            Overlay((JsonObject)defaults, given);
            file[OptionsName] = defaults;
        }

        return whole.Deserialize(Instance.RunOptions) ?? throw new JsonException("it is empty");
    }

    private static void Overlay(JsonObject below, JsonObject above)
    {
        foreach ((string name, JsonNode? value) in above)
        {
            if (value is JsonObject inner && below[name] is JsonObject other)
            {
                Overlay(other, inner);
            }
            else
            {
                below[name] = value?.DeepClone();
            }
        }
    }
}
