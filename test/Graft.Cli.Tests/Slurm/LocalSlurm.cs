using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Graft.Cli.Tests.Slurm;

/// <summary>A Slurm of one node on this machine, for as long as a test runs.</summary>
internal sealed class LocalSlurm : IDisposable
{
    private static readonly string[] s_programs = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol"];
    private readonly TemporaryFolder _folder = new();

    private LocalSlurm() => Environment = new() { ["SLURM_CONF"] = Path.Combine(Folder, "slurm.conf") };

    /// <summary>Where jobs are submitted from and write their output.</summary>
    public string Folder => _folder.Root;

    /// <summary>What its commands need.</summary>
    public Dictionary<string, string> Environment { get; }

    private static string Script => Path.Combine(SharedData.Root, "test", "Graft.Cli.Tests", "Slurm", "local-slurm.sh");

    /// <summary>Starts it. Skips the test where it is not installed or not allowed, unless CI runs the test.</summary>
    public static async Task<LocalSlurm> Start()
    {
        string[] missing = [.. s_programs.Where(program => Find(program) is null)];
        bool isRoot = OperatingSystem.IsLinux() && System.Environment.IsPrivilegedProcess;
        if (System.Environment.GetEnvironmentVariable("CI") is not { Length: > 0 })
        {
            Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)} (Slurm)");
            Assert.SkipUnless(isRoot, "Slurm is started by root");
        }

        Assert.True(missing.Length == 0 && isRoot, $"CI needs Slurm and root; missing: {string.Join(", ", missing)}");
        LocalSlurm slurm = new();
        try
        {
            await slurm.Run(Script, "start", slurm.Folder, $"{FreePort()}");
            return slurm;
        }
        catch
        {
            slurm.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command and gives its output.</summary>
    public async Task<string> Run(string program, params string[] args)
    {
        ProcessStartInfo start = new(program, args) { WorkingDirectory = Folder, RedirectStandardOutput = true };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', args)} ended with {process.ExitCode}");
        return output.Trim();
    }

    /// <summary>Waits until a job has ended.</summary>
    /// <returns>Its state, such as COMPLETED.</returns>
    public async Task<string> StateOf(string job)
    {
        while (true)
        {
            string text = await Run("scontrol", "-o", "show", "job", job);
            string state = text.Split(' ').Single(word => word.StartsWith("JobState=", StringComparison.Ordinal))[9..];
            if (state is not ("PENDING" or "RUNNING" or "COMPLETING"))
            {
                return state;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>All that the jobs have written.</summary>
    public string Output() => string.Join('\n', OutputFiles().Select(File.ReadAllText));

    /// <summary>What happened: the last lines of each job, and what the controller and the node say of them.</summary>
    public string Story()
    {
        IEnumerable<string> jobs = OutputFiles()
            .SelectMany(file => File.ReadLines(file).TakeLast(8).Prepend($"-- {Path.GetFileName(file)}"));
        IEnumerable<string> daemons = new[] { "slurmctld.log", "slurmd.log" }
            .SelectMany(file => File.ReadLines(Path.Combine(Folder, file)).TakeLast(60).Prepend($"-- {file}"));
        return string.Join('\n', jobs.Concat(daemons).Select(line => line[..Math.Min(line.Length, 160)]));
    }

    public void Dispose()
    {
        using Process stop = Process.Start(Script, ["stop", Folder]);
        stop.WaitForExit();
        _folder.Dispose();
    }

    private static string? Find(string program) =>
        $"{System.Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
            .Split(':')
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private IEnumerable<string> OutputFiles() => Directory.GetFiles(Folder, "slurm-*.out").Order();

    // Slurm takes this port and the next one.
    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
