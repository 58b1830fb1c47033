using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Counts files by their extensions.</summary>
internal static class Extensions
{
    private const int Shown = 6;

    /// <summary>".ppm 6, .txt 1": the most frequent first.</summary>
    public static string Count(IEnumerable<string> paths)
    {
        (string Name, int Count)[] counts =
        [
            .. paths
                .GroupBy(path => Path.GetExtension(path).ToLowerInvariant())
                .Select(files => (files.Key, files.Count()))
                .OrderByDescending(one => one.Item2)
                .ThenBy(one => one.Key, StringComparer.Ordinal),
        ];
        IEnumerable<string> shown = counts
            .Take(Shown)
            .Select(one => $"{(one.Name.Length == 0 ? "no extension" : Printable.Text(one.Name, 20))} {one.Count:N0}");
        return string.Join(", ", shown) + (counts.Length > Shown ? ", …" : "");
    }
}
