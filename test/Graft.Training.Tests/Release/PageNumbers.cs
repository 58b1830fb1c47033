using System.Text.Json;
using System.Text.RegularExpressions;

namespace Graft.Training.Tests.Release;

/// <summary>The numbers of a report beside those of its evaluation.json.</summary>
internal sealed partial class PageNumbers
{
    private readonly Dictionary<string, string> _file = [];
    private readonly (string Path, string Value)[] _page;

    private PageNumbers(string json, string page)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Collect(document.RootElement, "");
        _page = [.. Number().Matches(page).Select(one => (one.Groups[2].Value, one.Groups[1].Value))];
    }

    /// <summary>How many numbers the page has.</summary>
    public int Count => _page.Length;

    /// <summary>Numbers of the page that the file does not have, or has otherwise.</summary>
    public IReadOnlyList<string> Differences =>
        [
            .. _page
                .Where(one => !_file.TryGetValue(one.Path, out string? value) || value != one.Value)
                .Select(one => one.Path),
        ];

    /// <summary>Numbers of the file that are not on the page.</summary>
    public IReadOnlyList<string> Missing => [.. _file.Keys.Except(_page.Select(one => one.Path))];

    public static PageNumbers Of(string run) =>
        new(
            File.ReadAllText(Path.Combine(run, RunEvaluation.FileName)),
            File.ReadAllText(Path.Combine(run, RunFolder.ReportName))
        );

    [GeneratedRegex("<data value=\"([^\"]*)\" data-of=\"([^\"]*)\">([^<]*)</data>")]
    internal static partial Regex Number();

    private void Collect(JsonElement element, string path)
    {
        string prefix = path.Length == 0 ? "" : $"{path}.";
        if (element.ValueKind == JsonValueKind.Number)
        {
            _file[path] = element.GetRawText();
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            element.EnumerateObject().ToList().ForEach(one => Collect(one.Value, prefix + one.Name));
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            element.EnumerateArray().Index().ToList().ForEach(one => Collect(one.Item, prefix + one.Index));
        }
    }
}
