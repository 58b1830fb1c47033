using System.Buffers;

namespace Graft.Training.Data;

/// <summary>Names of files and folders that every system accepts.</summary>
internal static class SafeName
{
    private const int Longest = 120;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("/\\:*?\"<>|");

    /// <summary>The name with '_' in place of what a system forbids.</summary>
    public static string Of(string name)
    {
        string safe = string.Concat(name.Select(c => s_forbidden.Contains(c) || char.IsControl(c) ? '_' : c));
        safe = safe.Length > Longest ? safe[..Longest] : safe;
        safe = safe.TrimEnd('.', ' ');
        return safe.Length == 0 || safe[0] == '.' ? $"_{safe}" : safe;
    }

    /// <summary>The name, with a number if a folder holds it already.</summary>
    /// <param name="stem">The name without extension.</param>
    /// <param name="extension">The extension with its dot.</param>
    /// <param name="used">The names of the folder, whatever their case. The new one is added.</param>
    public static string Unused(string stem, string extension, HashSet<string> used)
    {
        string name = stem + extension;
        for (int number = 2; !used.Add(name); number++)
        {
            name = $"{stem}-{number}{extension}";
        }

        return name;
    }
}
