using System.Globalization;
using System.Text.RegularExpressions;

namespace Graft.Training.Weights;

/// <summary>
/// A table from name patterns to new names. In a pattern "#" matches a number and "@" a letter. A result refers to them
/// as {0}, {1} and so on, or is computed from them by a function. A pattern must match the whole name.
/// </summary>
internal sealed class NameTable
{
    private readonly List<(Regex Pattern, Func<int[], string> Result)> _rows = [];

    /// <summary>Adds a row. The first row whose pattern matches wins.</summary>
    public NameTable Add(string pattern, string result) =>
        Add(pattern, numbers => string.Format(CultureInfo.InvariantCulture, result, [.. numbers.Cast<object>()]));

    /// <summary>Adds a row whose result is computed from the matched numbers; the letter "a" counts as 0.</summary>
    public NameTable Add(string pattern, Func<int[], string> result)
    {
        // Four digits are enough for the blocks of any network, and keep numbers in hostile files small.
        string expression = Regex.Escape(pattern).Replace("\\#", "([0-9]{1,4})").Replace("@", "([a-z])");
        _rows.Add((new Regex($"^{expression}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), result));
        return this;
    }

    /// <summary>The new name; null where no pattern matches.</summary>
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

    // Letters count from 0.
    private static int Number(Group group) =>
        char.IsAsciiDigit(group.Value[0]) ? int.Parse(group.Value, CultureInfo.InvariantCulture) : group.Value[0] - 'a';
}
