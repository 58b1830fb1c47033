namespace Graft.Bench;

/// <summary>What differs between one file of two runs.</summary>
internal sealed class FlatComparison(string file, AllowedDifferences allowed)
{
    private const int MostPrinted = 25;
    private const int MostOfAValue = 160;

    private readonly List<string> _differences = [];

    public int Count => _differences.Count;

    /// <summary>A renamed field may still have its old name: the list may be ahead of the program.</summary>
    public void Compare(FlatValues before, FlatValues after)
    {
        HashSet<string> met = [];
        foreach (string path in before.Paths.Where(path => !allowed.IsIgnored(file, path)))
        {
            string renamed = allowed.Renamed(file, path);
            string place = after.At(renamed) is null ? path : renamed;
            string old = before.At(path)!;
            string? now = after.At(place);
            met.Add(place);
            if (now is null)
            {
                _differences.Add($"{path}: {Short(old)}, then nothing");
            }
            else if (now != old && !allowed.Allows(file, path, old, now))
            {
                _differences.Add($"{place}: {Short(old)}, then {Short(now)}");
            }
        }

        foreach (string path in after.Paths.Where(path => !met.Contains(path) && !allowed.IsIgnored(file, path)))
        {
            _differences.Add($"{path}: nothing, then {Short(after.At(path)!)}");
        }
    }

    public void Print()
    {
        foreach (string difference in _differences.Take(MostPrinted))
        {
            Console.WriteLine($"{file}  {difference}");
        }

        if (Count > MostPrinted)
        {
            Console.WriteLine($"{file}  and {Count - MostPrinted} more");
        }
    }

    private static string Short(string value) => value.Length <= MostOfAValue ? value : $"{value[..MostOfAValue]}…";
}
