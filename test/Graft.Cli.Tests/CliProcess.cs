using System.Diagnostics;
using System.Text;

namespace Graft.Cli.Tests;

/// <summary>The program as a process of its own, its output captured.</summary>
internal static class CliProcess
{
    /// <param name="folder">Where the program lies.</param>
    /// <param name="onLine">Sees each line of standard output as it comes; may signal the process.</param>
    public static Task<Outcome> Run(
        string folder,
        string[] args,
        TimeSpan patience,
        Action<Process, string>? onLine = null,
        Dictionary<string, string>? environment = null
    ) =>
        Start(
            Path.Combine(folder, OperatingSystem.IsWindows() ? "Graft.Cli.exe" : "Graft.Cli"),
            args,
            patience,
            onLine,
            environment
        );

    /// <summary>The same of another program, one that starts it.</summary>
    public static async Task<Outcome> Start(
        string program,
        string[] args,
        TimeSpan patience,
        Action<Process, string>? onLine = null,
        Dictionary<string, string>? environment = null
    )
    {
        ProcessStartInfo start = new(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(patience);
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            StringBuilder output = new();
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is string line)
            {
                output.Append(line).Append('\n');
                onLine?.Invoke(process, line);
            }

            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, output.ToString(), await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
