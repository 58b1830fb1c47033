using System.Diagnostics;

namespace Graft.Packages.Tests;

/// <summary>A web program that runs until it is disposed.</summary>
internal sealed class WebProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WebProcess(Process process, Uri address)
    {
        _process = process;
        Client = new() { BaseAddress = address };
    }

    /// <summary>Asks the program.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts a program and waits until it listens.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Those of dotnet.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<WebProcess> StartAsync(string folder, string[] arguments, CancellationToken cancel)
    {
        const string Mark = "Now listening on: ";
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancel) is string line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and int place)
            {
                return new(process, new(line[(place + Mark.Length)..]));
            }
        }

        process.Dispose();
        throw new InvalidOperationException("the program ended before it listened");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
