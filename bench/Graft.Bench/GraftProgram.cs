namespace Graft.Bench;

internal static class GraftProgram
{
    /// <summary>The `graft` of this checkout's Release build, from the repository's root.</summary>
    public static string Built { get; } = Path.Combine("src", "Graft.Cli", "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? "Graft.Cli.exe" : "Graft.Cli");
}
