using System.Diagnostics;

namespace Graft.Cli.Tests.Runs;

/// <summary>Processes that were stopped by a signal (SIGSTOP).</summary>
internal static class Suspension
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Waits until the system has stopped a process.</summary>
    public static async Task Of(Process process)
    {
        while (!IsSuspended(process))
        {
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>Lets a process go on.</summary>
    public static async Task End(Process process)
    {
        using Process wake = Process.Start("kill", ["-CONT", $"{process.Id}"]);
        await wake.WaitForExitAsync(Cancel);
    }

    private static bool IsSuspended(Process process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..][0] == 'T';
    }
}
