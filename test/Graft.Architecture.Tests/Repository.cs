using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Graft.Architecture.Tests;

/// <summary>The checkout that these tests were compiled from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Graft.slnx.</summary>
    public static string Root { get; } = Find();

    /// <summary>Paths of all files that git tracks, relative to <see cref="Root"/>, with '/'.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>The text of a tracked file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find([CallerFilePath] string source = "")
    {
        string? folder = Path.GetDirectoryName(source);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Graft.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"no Graft.slnx above {source}");
    }

    private static string[] ListFiles()
    {
        ProcessStartInfo start = new("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string[] listed = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return [.. listed.Where(path => File.Exists(Path.Combine(Root, path)))];
    }
}
