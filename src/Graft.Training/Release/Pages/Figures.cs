using System.Globalization;
using System.Text.Json;

namespace Graft.Training.Release;

/// <summary>
/// The numbers of an evaluation.json as HTML. Each is a data element that has the whole number and names its member, so
/// that a test can compare the page with the file.
/// </summary>
/// <param name="root">The file's object.</param>
internal sealed class Figures(JsonElement root)
{
    /// <summary>The numbers of an evaluation.</summary>
    public static Figures Of(Evaluation evaluation) => new(JsonElement.Parse(evaluation.ToJson()));

    /// <summary>A share as a percentage.</summary>
    /// <param name="path">Names and positions from the root with "." between them.</param>
    public Markup Share(string path) => Write(path, "0.0 %");

    /// <summary>A number of images.</summary>
    public Markup Count(string path) => Write(path, "N0");

    /// <summary>Any other number.</summary>
    public Markup Number(string path, string format = "0.000") => Write(path, format);

    /// <summary>Two shares, such as "91.1 % to 99.7 %"; a dash where there is no interval.</summary>
    public Markup Interval(string path) =>
        Find(path) is { ValueKind: JsonValueKind.Array }
            ? Markup.Of($"{Share($"{path}.0")} to {Share($"{path}.1")}")
            : new("–");

    private Markup Write(string path, string format)
    {
        if (Find(path) is not { ValueKind: JsonValueKind.Number } number)
        {
            return new("–");
        }

        string text = number.GetDouble().ToString(format, CultureInfo.InvariantCulture);
        return Markup.Of($"<data value=\"{number.GetRawText()}\" data-of=\"{path}\">{text}</data>");
    }

    private JsonElement? Find(string path)
    {
        JsonElement found = root;
        foreach (string step in path.Split('.'))
        {
            if (found.ValueKind == JsonValueKind.Array)
            {
                found = found[int.Parse(step, CultureInfo.InvariantCulture)];
            }
            else if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(step, out found))
            {
                return null;
            }
        }

        return found;
    }
}
