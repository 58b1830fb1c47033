using System.ComponentModel;

namespace Graft.Infrastructure;

/// <summary>Finds the known name nearest to a mistyped one, for "did you mean".</summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class NearestName
{
    /// <summary>
    /// The nearest of <paramref name="known"/>, ignoring case; null if all differ by more than a third of the name's
    /// length.
    /// </summary>
    /// <param name="name">The mistyped name.</param>
    /// <param name="known">The known names.</param>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        (string Name, int Edits) nearest = known
            .Select(k => (k, Distance(name.ToLowerInvariant(), k.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(k => k.Item2);
        return nearest.Edits <= Math.Max(1, name.Length / 3) ? nearest.Name : null;
    }

    /// <summary>
    /// Minimum number of insertions, deletions, replacements and swaps of neighbors between two words (optimal string
    /// alignment).
    /// </summary>
    internal static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0 ? i + j : Least(edits, a, b, i, j);
            }
        }

        return edits[a.Length, b.Length];
    }

    private static int Least(int[,] edits, string a, string b, int i, int j)
    {
        int replaced = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        int least = Math.Min(replaced, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
        bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return isSwap ? Math.Min(least, edits[i - 2, j - 2] + 1) : least;
    }
}
