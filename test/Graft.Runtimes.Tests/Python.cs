using System.ComponentModel;
using System.Diagnostics;

namespace Graft.Runtimes.Tests;

/// <summary>The Python of this machine.</summary>
internal static class Python
{
    /// <summary>A Python that has some modules; null where there is none.</summary>
    /// <param name="modules">What it imports, as after the word import.</param>
    // Debian's Python has the packages that Debian installs, whichever Python comes first in PATH.
    public static async Task<string?> WithAsync(string modules)
    {
        foreach (string python in (string[])["python3", "/usr/bin/python3"])
        {
            try
            {
                using Process process = Process.Start(
                    new ProcessStartInfo(python, ["-c", $"import {modules}"]) { RedirectStandardError = true }
                )!;
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                if (process.ExitCode == 0)
                {
                    return python;
                }
            }
            catch (Win32Exception) { } // it is not there
        }

        return null;
    }
}
