using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Cli.Views;

/// <summary>A model card for people: a line for each value, by the names that its JSON has.</summary>
internal static class CardView
{
    private const int MostValues = 20;

    // long, and of use to programs only
    private static readonly string[] s_omitted = ["recipe", "selfTest", "thresholds"];

    public static void Write(JsonElement card, Terminal terminal)
    {
        (string Name, string Value)[] lines =
        [
            .. card.EnumerateObject()
                .Where(member => !s_omitted.Contains(member.Name))
                .SelectMany(member => Lines(member.Name, member.Value)),
        ];
        int column = lines.Max(line => line.Name.Length) + 2;
        int width = terminal.IsOutputLive ? terminal.CurrentWidth : int.MaxValue;
        foreach ((string name, string value) in lines)
        {
            foreach (string line in WrappedText.Labelled(name, value, column, width))
            {
                terminal.Output.WriteLine(line);
            }
        }

        terminal.Output.WriteLine();
        terminal.Output.WriteLine("--json prints the whole card, with the recipe of the training and the self-test.");
    }

    private static IEnumerable<(string Name, string Value)> Lines(string name, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Object => value.EnumerateObject().SelectMany(one => Lines($"{name}.{one.Name}", one.Value)),
            JsonValueKind.Array when value.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.Object) => value
                .EnumerateArray()
                .SelectMany((one, i) => Lines(value.GetArrayLength() == 1 ? name : $"{name}[{i}]", one)),
            JsonValueKind.Array => [(name, List(value))],
            _ => [(name, Printable.Text(value.ToString()))],
        };

    private static string List(JsonElement values)
    {
        int count = values.GetArrayLength();
        IEnumerable<string> first = values.EnumerateArray().Take(MostValues).Select(one => Printable.Text($"{one}"));
        string shown = string.Join(", ", first);
        return count > MostValues ? $"{count:N0}: {shown}, …" : shown;
    }
}
