using System.Globalization;
using System.Text.RegularExpressions;

namespace Graft.Training.Weights;

/// <summary>
/// Patterns of names and what becomes of them. "#" in a pattern is a number, "@" a letter, and may be used in the
/// result as {0}, {1} …; what is to
/// be counted otherwise says a function. The whole name must fit.
/// </summary>
internal sealed class NameTable
{
    private readonly List<(Regex Pattern, Func<int[], string> Result)> _rows = [];

    /// <summary>Adds a row; the first that fits counts.</summary>
    public NameTable Add(string pattern, string result) =>
        Add(pattern, numbers => string.Format(CultureInfo.InvariantCulture, result, [.. numbers.Cast<object>()]));

    public NameTable Add(string pattern, Func<int[], string> result)
    {
        // Four digits at most: no network has more blocks, and no name of a hostile file makes a larger number.
        string expression = Regex.Escape(pattern).Replace("\\#", "([0-9]{1,4})").Replace("@", "([a-z])");
        _rows.Add((new Regex($"^{expression}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), result));
        return this;
    }

    /// <summary>Null where no row fits.</summary>
    public string? Find(string name)
    {
        foreach ((Regex pattern, Func<int[], string> result) in _rows)
        {
            if (pattern.Match(name) is { Success: true } match)
            {
                return result([.. match.Groups.Values.Skip(1).Select(Number)]);
            }
        }

        return null;
    }

    /// <summary>A letter counts from 0: "a" is 0.</summary>
    private static int Number(Group group) =>
        char.IsAsciiDigit(group.Value[0]) ? int.Parse(group.Value, CultureInfo.InvariantCulture) : group.Value[0] - 'a';
}
