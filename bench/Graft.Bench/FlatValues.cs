using System.Text.Json;
using System.Text.RegularExpressions;

namespace Graft.Bench;

/// <summary>The values of a file by path, such as trials[0].tried[2].loss, in the order of the file.</summary>
internal sealed partial class FlatValues
{
    private readonly Dictionary<string, string> _values = [];

    /// <summary>All paths.</summary>
    public IEnumerable<string> Paths => _values.Keys;

    /// <summary>The value at a path in JSON's notation; null if there is none.</summary>
    public string? At(string path) => _values.GetValueOrDefault(path);

    /// <summary>Adds a value in JSON's notation.</summary>
    public void Add(string path, string value) => _values.Add(path, value);

    /// <summary>Adds all values of a JSON document. An empty object or array is a value.</summary>
    public void AddJson(string path, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Add(path, document.RootElement);
    }

    /// <summary>The path without its indices: trials[].tried[].loss.</summary>
    public static string Pattern(string path) => Index().Replace(path, "[]");

    /// <summary>Fills the indices of a path into a pattern, in order.</summary>
    public static string WithIndices(string pattern, string path)
    {
        Queue<string> indices = new(Index().Matches(path).Select(match => match.Value));
        return Empty().Replace(pattern, _ => indices.Count > 0 ? indices.Dequeue() : "[]");
    }

    private void Add(string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Any())
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                Add(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0)
        {
            int n = 0;
            foreach (JsonElement item in element.EnumerateArray())
            {
                Add($"{path}[{n++}]", item);
            }
        }
        else
        {
            Add(
                path,
                element.ValueKind == JsonValueKind.String
                    ? JsonSerializer.Serialize(element.GetString())
                    : element.GetRawText()
            );
        }
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();

    [GeneratedRegex(@"\[\]")]
    private static partial Regex Empty();
}
