using System.Globalization;

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
}
