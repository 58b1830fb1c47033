using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>What a file of features says beside its numbers, as texts: JSON arrays under fixed names.</summary>
internal static class FeatureMetadata
{
    /// <summary>Names of the classes.</summary>
    public const string Classes = "classes";

    /// <summary>Numbers of columns that a probe standardises together; missing: all.</summary>
    public const string Groups = "groups";

    /// <param name="table">The table.</param>
    public static Dictionary<string, string> Of(FeatureTable table)
    {
        Dictionary<string, string> texts = new() { [Classes] = JsonSerializer.Serialize(table.Classes) };
        if (table.Groups is not null)
        {
            texts[Groups] = JsonSerializer.Serialize(table.Groups);
        }

        return texts;
    }

    /// <summary>The groups, if they are there and fit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="texts">Its metadata.</param>
    /// <param name="columns">Number of features of a row.</param>
    /// <exception cref="GraftException">They do not fit.</exception>
    public static int[]? GroupsOf(string path, IReadOnlyDictionary<string, string> texts, int columns)
    {
        int[]? groups = texts.ContainsKey(Groups) ? Array<int>(path, texts, Groups) : null;
        return groups is null || (groups.All(size => size > 0) && groups.Sum(size => (long)size) == columns)
            ? groups
            : throw Problem(path, $"its groups of columns do not fit its {columns} features");
    }

    /// <summary>A JSON array of the metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="texts">Its metadata.</param>
    /// <param name="name">Name of the array.</param>
    /// <exception cref="GraftException">It is not there, or something else.</exception>
    public static T[] Array<T>(string path, IReadOnlyDictionary<string, string> texts, string name)
    {
        try
        {
            return texts.TryGetValue(name, out string? text) && JsonSerializer.Deserialize<T[]>(text) is T[] values
                ? values
                : throw Problem(path, $"it has no '{name}'; write it with FeatureTable");
        }
        catch (JsonException error)
        {
            throw Problem(path, $"its '{name}' is no list", error);
        }
    }

    /// <summary>The error of a file that holds no table of features.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong, and what to do.</param>
    /// <param name="error">What was thrown.</param>
    public static GraftException Problem(string path, string reason, Exception? error = null) =>
        new($"'{Printable.Text(path)}' cannot be used: {reason}", error);
}
