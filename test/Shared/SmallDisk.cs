using System.Diagnostics;

namespace Graft.Tests;

/// <summary>
/// A disk in memory (tmpfs) that is as small as a test wants; the calling test is skipped where none can be mounted.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <param name="options">Of mount, such as "size=64k".</param>
    public SmallDisk(string options)
    {
        bool isMounted = OperatingSystem.IsLinux() && Mount("mount", "-t", "tmpfs", "-o", options, "tmpfs", Root) == 0;
        if (!isMounted)
        {
            _folder.Dispose();
            Assert.Skip("mounting is not permitted");
        }
    }

    public string Root => _folder.Root;

    /// <summary>Other options from now on, such as "size=64m" or "ro".</summary>
    public void Remount(string options) => Assert.Equal(0, Mount("mount", "-o", "remount," + options, Root));

    public void Dispose()
    {
        Mount("umount", Root);
        _folder.Dispose();
    }

    private static int Mount(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
