using System.Diagnostics;

namespace Graft.Runtimes.Tests;

/// <summary>Programs that a test starts.</summary>
internal static class Programs
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>js/graft-predict, where its packages for tests are installed.</summary>
    public static string Module { get; } = Path.Combine(SharedData.Root, "js", "graft-predict");

    /// <summary>The packages that package.json lists for tests.</summary>
    public static string NodePackages() =>
        RequiredTool.Require(Path.Combine(Module, "node_modules"), "run 'npm ci --ignore-scripts' in js/graft-predict");

    /// <summary>Runs a program and returns what it printed; fails the test where it ends with another code than 0.
    /// </summary>
    public static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(s_patience);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    /// <summary>A folder in which Node finds the module of this repository and the packages for its tests.</summary>
    public static void LinkPackages(string folder)
    {
        string packages = NodePackages();
        string links = Directory.CreateDirectory(Path.Combine(folder, "node_modules")).FullName;
        foreach (string name in (string[])["onnxruntime-node", "onnxruntime-web", "sharp"])
        {
            Directory.CreateSymbolicLink(Path.Combine(links, name), Path.Combine(packages, name));
        }

        Directory.CreateSymbolicLink(Path.Combine(links, "graft-predict"), Module);
    }
}
