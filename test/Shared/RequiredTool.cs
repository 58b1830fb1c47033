namespace Graft.Tests;

/// <summary>
/// Programs and packages that a test needs and that are no part of the .NET build. The project's scripts install them,
/// so where CI is set a test without them fails. Elsewhere it is skipped with a reason.
/// </summary>
internal static class RequiredTool
{
    /// <summary>Full path of a program in PATH: the first of these names that is there.</summary>
    /// <param name="names">Names of the program.</param>
    public static string Find(params string[] names)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string? found = names
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        return found ?? throw Missing($"no {names[0]} in PATH");
    }

    /// <summary>The path, if it exists.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="wayOut">What installs it.</param>
    public static string Require(string path, string wayOut) =>
        Path.Exists(path) ? path : throw Missing($"no {path}: {wayOut}");

    /// <summary>Ends the test: skipped, or failed where CI is set.</summary>
    public static Exception Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 })
        {
            Assert.Fail($"{reason}; .ci/run installs it");
        }

        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }
}
