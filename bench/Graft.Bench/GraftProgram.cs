using System.Diagnostics;

namespace Graft.Bench;

/// <summary>Starts programs and measures their time.</summary>
internal static class GraftProgram
{
    /// <summary>Path of this checkout's Release build of `graft`, relative to the root of the repository.</summary>
    public static string Built { get; } =
        Path.Combine(
            "src",
            "Graft.Cli",
            "bin",
            "Release",
            "net10.0",
            OperatingSystem.IsWindows() ? "Graft.Cli.exe" : "Graft.Cli"
        );

    /// <summary>Seconds from the start to the end of a process. Its output is discarded.</summary>
    /// <param name="program">Path of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cache">Value of GRAFT_CACHE. Null: unchanged.</param>
    /// <exception cref="InvalidOperationException">The exit code is not 0.</exception>
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
            : throw new InvalidOperationException($"'{program}' exited with {process.ExitCode}");
    }
}
