using System.Globalization;

namespace Graft.Bench;

/// <summary>"key=value key=value", with defaults.</summary>
internal sealed class Settings(string text)
{
    private readonly Dictionary<string, string> _values = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    public string? Text(string key) => _values.GetValueOrDefault(key);

    public double Number(string key, double otherwise) =>
        _values.TryGetValue(key, out string? value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum =>
        _values.TryGetValue(key, out string? value) ? Enum.Parse<T>(value, ignoreCase: true) : otherwise;
}
