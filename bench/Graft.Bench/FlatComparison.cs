namespace Graft.Bench;

/// <summary>Compares one file of two runs.</summary>
/// <param name="file">Name of the file in the first run.</param>
/// <param name="allowed">The allowed differences.</param>
internal sealed class FlatComparison(string file, AllowedDifferences allowed)
{
    private const int MaxPrinted = 25;
    private const int MaxValueLength = 160;

    private readonly List<string> _differences = [];

    /// <summary>Number of differences.</summary>
    public int Count => _differences.Count;

    /// <summary>Collects the differences. A renamed field may still have its old name.</summary>
    public void Compare(FlatValues before, FlatValues after)
    {
        HashSet<string> compared = [];
        foreach (string path in before.Paths.Where(path => !allowed.IsIgnored(file, path)))
        {
            string renamed = allowed.Renamed(file, path);
            string place = after.At(renamed) is null ? path : renamed;
            string old = before.At(path)!;
            string? now = after.At(place);
            compared.Add(place);
            if (now is null)
            {
                _differences.Add($"{path}: {Short(old)}, then nothing");
            }
            else if (now != old && !allowed.Allows(file, path, old, now))
            {
                _differences.Add($"{place}: {Short(old)}, then {Short(now)}");
            }
        }

        foreach (string path in after.Paths.Where(path => !compared.Contains(path) && !allowed.IsIgnored(file, path)))
        {
            _differences.Add($"{path}: nothing, then {Short(after.At(path)!)}");
        }
    }

    /// <summary>Prints the first differences and the number of all.</summary>
    public void Print()
    {
        foreach (string difference in _differences.Take(MaxPrinted))
        {
            Console.WriteLine($"{file}  {difference}");
        }

        if (Count > MaxPrinted)
        {
            Console.WriteLine($"{file}  and {Count - MaxPrinted} more");
        }
    }

    private static string Short(string value) =>
        value.Length <= MaxValueLength ? value : string.Concat(value.AsSpan(0, MaxValueLength), "…");
}
