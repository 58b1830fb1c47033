using System.Diagnostics;
using System.Text;

namespace Graft.Cli.Tests;

/// <summary>The program as a process of its own, its output captured.</summary>
internal static class CliProcess
{
    /// <param name="folder">Where the program lies.</param>
    /// <param name="onLine">Sees each line as it comes, of both streams; may signal the process.</param>
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
            Task<string> output = ReadAsync(process.StandardOutput);
            Task<string> error = ReadAsync(process.StandardError);
            await process.WaitForExitAsync(limit.Token);
            ILookup<bool, string> told = (await error)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .ToLookup(line =>
                    line.StartsWith("graft: ", StringComparison.Ordinal)
                    || line.StartsWith("See graft", StringComparison.Ordinal)
                );
            return new(process.ExitCode, await output, Text(told[true])) { Progress = Text(told[false]) };
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

        async Task<string> ReadAsync(StreamReader stream)
        {
            StringBuilder text = new();
            while (await stream.ReadLineAsync(limit.Token) is string line)
            {
                text.Append(line).Append('\n');
                onLine?.Invoke(process, line);
            }

            return text.ToString();
        }
    }
}
