using System.Globalization;
using Graft.Training;

namespace Graft.Bench;

/// <summary>Settings from the command line, with defaults.</summary>
/// <param name="text">"key=value key=value".</param>
internal sealed class Settings(string text)
{
    private readonly Dictionary<string, string> _values = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>A text; null if it is not given.</summary>
    public string? Text(string key) => _values.GetValueOrDefault(key);

    /// <summary>A number.</summary>
    public double Number(string key, double otherwise) =>
        _values.TryGetValue(key, out string? value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A value of an enumeration.</summary>
    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum =>
        _values.TryGetValue(key, out string? value) ? Enum.Parse<T>(value, ignoreCase: true) : otherwise;

    /// <summary>The body and its weights: the settings "body" and "weights".</summary>
    public BodySource Body()
    {
        string name = Text("body") ?? new TrainingOptions().Body.Text;
        BodySource body = name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? BodySource.OnnxFile(name)
            : BodySource.Named(name);
        return body with { Weights = Text("weights") };
    }

    /// <summary>A share, an edge or a block; null if it is not given.</summary>
    public static TrainedPart? Part(string? text) =>
        text is null ? null
        : double.TryParse(text, CultureInfo.InvariantCulture, out double share) ? TrainedPart.LastShare(share)
        : TrainedPart.FromEdge(text);
}
