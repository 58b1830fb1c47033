using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Names of folders in sentences.</summary>
internal static class FolderNames
{
    private const int Shown = 4;

    /// <summary>"'a', 'b' and 'c'"; some of them where there are many.</summary>
    public static string Of(IReadOnlyList<FolderNode> folders) => Of([.. folders.Select(one => one.Name)]);

    /// <inheritdoc cref="Of(IReadOnlyList{FolderNode})"/>
    public static string Of(IReadOnlyList<string> names)
    {
        string[] quoted = [.. names.Take(Shown).Select(Quoted)];
        return names.Count > Shown ? string.Join(", ", quoted) + ", …"
            : quoted.Length == 1 ? quoted[0]
            : string.Join(", ", quoted[..^1]) + " and " + quoted[^1];
    }

    /// <summary>The name in quotes, safe to print.</summary>
    public static string Quoted(string name) => $"'{Printable.Text(name)}'";
}
