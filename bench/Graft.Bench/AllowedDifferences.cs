namespace Graft.Bench;

/// <summary>A list of differences that two runs may have; bench/same-bytes-renames.txt explains its format.</summary>
internal sealed class AllowedDifferences
{
    private const string Arrow = " -> ";
    private const string Is = " = ";

    private readonly Dictionary<string, string> _files = [];
    private readonly List<(string File, string Old, string New)> _fields = [];
    private readonly HashSet<(string File, string Path, string Old, string New)> _values = [];
    private readonly HashSet<(string File, string Path)> _prose = [];
    private readonly HashSet<(string File, string Path)> _ignored = [];

    private AllowedDifferences() { }

    /// <summary>Reads a list.</summary>
    /// <exception cref="FormatException">A line has an unknown format.</exception>
    public static AllowedDifferences Read(string path)
    {
        AllowedDifferences all = new();
        foreach (string line in File.ReadLines(path).Select(line => line.Trim()))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                all.Add(line);
            }
        }

        return all;
    }

    /// <summary>Name of a file in the second run.</summary>
    public string FileName(string file) => _files.GetValueOrDefault(file, file);

    /// <summary>Name of a path in the second run. The longest line that fits the path decides.</summary>
    public string Renamed(string file, string path)
    {
        string pattern = FlatValues.Pattern(path);
        (string _, string? old, string? now) = _fields
            .Where(field => field.File == file && IsWithin(pattern, field.Old))
            .OrderByDescending(field => field.Old.Length)
            .FirstOrDefault();
        return old is null ? path : FlatValues.WithIndices(now + pattern[old.Length..], path);
    }

    /// <summary>True if the value at a path is not compared.</summary>
    public bool IsIgnored(string file, string path)
    {
        string pattern = FlatValues.Pattern(path);
        return _ignored.Any(one => one.File == file && IsWithin(pattern, one.Path));
    }

    /// <summary>True if the second value may replace the first one.</summary>
    public bool Allows(string file, string path, string before, string after)
    {
        string pattern = FlatValues.Pattern(path);
        return _values.Contains((file, pattern, Plain(before), Plain(after)))
            || (_prose.Contains((file, pattern)) && IsText(before) && IsText(after));
    }

    private static bool IsText(string value) => value.StartsWith('"') && value != "\"\"";

    private static string Plain(string value) => value.StartsWith('"') ? value[1..^1] : value;

    private static bool IsWithin(string pattern, string outer) =>
        pattern.StartsWith(outer, StringComparison.Ordinal)
        && (pattern.Length == outer.Length || pattern[outer.Length] is '.' or '[');

    private void Add(string line)
    {
        string file = line.Split(' ')[0];
        string rest = line[file.Length..].Trim();
        if (rest.Split(Is) is [string path, string values] && values.Split(Arrow) is [string old, string now])
        {
            _values.Add((file, path.Trim(), old.Trim(), now.Trim()));
        }
        else if (line.Split(Arrow) is [string before, string after] && before.Trim() == file)
        {
            _files.Add(file, after.Trim());
        }
        else if (rest.Split(Arrow) is [string field, string name])
        {
            _fields.Add((file, field.Trim(), name.Trim()));
        }
        else if (rest.EndsWith(" ~", StringComparison.Ordinal))
        {
            _prose.Add((file, rest[..^2].Trim()));
        }
        else if (rest.EndsWith(" -", StringComparison.Ordinal))
        {
            _ignored.Add((file, rest[..^2].Trim()));
        }
        else
        {
            throw new FormatException($"'{line}' has an unknown format; see the head of the file");
        }
    }
}
