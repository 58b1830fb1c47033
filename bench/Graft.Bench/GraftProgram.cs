using System.Diagnostics;

namespace Graft.Bench;

/// <summary>Starts programs and takes their time.</summary>
internal static class GraftProgram
{
    /// <summary>The `graft` of this checkout's Release build, from the repository's root.</summary>
    public static string Built { get; } =
        Path.Combine(
            "src",
            "Graft.Cli",
            "bin",
            "Release",
            "net10.0",
            OperatingSystem.IsWindows() ? "Graft.Cli.exe" : "Graft.Cli"
        );

    /// <summary>Seconds from the start to the end of a process whose output nobody reads.</summary>
    /// <param name="cache">GRAFT_CACHE; null: as it is.</param>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static double Seconds(string program, string[] arguments, string? cache = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        if (cache is not null)
        {
            start.Environment["GRAFT_CACHE"] = cache;
        }

        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return process.ExitCode == 0
            ? seconds
            : throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}");
    }
}
