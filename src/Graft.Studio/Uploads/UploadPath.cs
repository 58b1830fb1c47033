using Graft.Infrastructure;

namespace Graft.Studio;

/// <summary>Places a file that the page names inside the folder of its upload.</summary>
internal static class UploadPath
{
    /// <summary>The full path of the file.</summary>
    /// <param name="folder">Full path of the upload's folder.</param>
    /// <param name="path">Path in what was dropped, with '/'. Untrusted text.</param>
    /// <param name="deepest">Deepest level of nested folders.</param>
    /// <exception cref="GraftException">The path leads out of the folder, or is no name of a file.</exception>
    public static string Of(string folder, string path, int deepest)
    {
        string[] names = path.Split('/');
        string? problem =
            names.Contains("..") || path.StartsWith('/') ? "its path leads out of what was dropped"
            : names.Length > deepest + 1 ? $"it lies deeper than {deepest} folders"
            : names.Any(IsNoName) ? "its path is no name of a file"
            : null;
        string full = problem is null ? Path.GetFullPath(Path.Combine([folder, .. names])) : "";
        return problem is null && full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new GraftException(
                $"'{Printable.Text(path)}' cannot be opened: {problem ?? "its path leads out of what was dropped"}"
            );
    }

    private static bool IsNoName(string name) =>
        name.Length == 0
        || name == "."
        || name.Contains('\\', StringComparison.Ordinal)
        || name.Any(char.IsControl)
        || name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars());
}
