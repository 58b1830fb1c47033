using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Graft.Samples.Tests;

/// <summary>A program of samples/, started as a process of its own.</summary>
internal static class SampleProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The repository's folder samples/.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Runs a sample and returns what it wrote to standard output.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        string output = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(Folder, name, "bin", configuration, output, name + ".dll");
        ProcessStartInfo start = new("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GRAFT_CACHE"] = Path.Combine(AppContext.BaseDirectory, "sample-cache");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(Patience);
        using Process process = Process.Start(start)!;
        Task<string> text = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {await errors}");
        return await text;
    }

    private static string Find([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../samples"));
}
