using System.Diagnostics;
using Graft.Infrastructure;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>Processes that share a store, and are killed, suspended and started twice.</summary>
public sealed class ShardTests : IDisposable
{
    private const int Killed = 137; // 128 + SIGKILL
    private const int UnitCount = 9; // 36 images, 4 a unit
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // seconds alone
    private readonly ToyWorld _world = new(12);

    private string Store => _world.Run("store");

    [Fact]
    public async Task Of_three_processes_one_is_killed_and_one_suspended_and_each_unit_is_there_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no SIGSTOP");
        TaskCompletionSource<Process> told = new();

        Task<Outcome> suspended = Extract("0/1", "unit-made rows-000001:1:stop", told.TrySetResult);
        Process process = await told.Task;
        await Suspension.Of(process);
        Outcome killed = await Extract("0/1", "unit-made rows-000003:1");
        Outcome other = await Extract("0/1");
        string merged = await Merge(Store);
        await Suspension.End(process);

        Outcome woken = await suspended;

        Assert.Equal((Killed, 0, 0), (killed.Code, other.Code, woken.Code));
        Assert.Equal(merged, await Merge(Store));
        Assert.Equal(merged, await Alone());
        AssertEachUnitOnce();
    }

    [Fact]
    public async Task A_runner_with_retries_and_two_pods_of_an_index_makes_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        using SemaphoreSlim parallelism = new(2);

        int[] attempts = await Task.WhenAll(
            Pod(0, parallelism),
            Pod(1, parallelism, fault: "unit-made rows-000001:1"), // dies before its first unit has a name
            Pod(1, parallelism), // the same index at the same time
            Pod(2, parallelism, fault: "unit-named rows-000002:1"), // dies between the rows and their manifest
            Pod(3, parallelism)
        );

        Assert.Equal([1, 1, 1, 2, 1], attempts.Select((count, pod) => pod == 1 ? 1 : count));
        Assert.Equal(await Alone(), await Merge(Store));
        AssertEachUnitOnce();
    }

    [Fact]
    public async Task A_full_disk_may_pass_and_a_wrong_option_does_not()
    {
        Outcome full = await Extract("0/1", "unit-made:1:disk");
        Outcome wrong = await Extract("0/1", fault: null, onStart: null, "--unit-images", "5");
        Outcome again = await Extract("0/1");

        Assert.Equal((ExitCode.TryAgain, ExitCode.BadInput, ExitCode.Done), (full.Code, wrong.Code, again.Code));
        Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
        Assert.Contains(
            "its units have 4 images; give that number (--unit-images)",
            wrong.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_shard_that_nothing_tells_is_an_error_that_lists_the_variables()
    {
        Outcome outcome = Cli.Run("extract", _world.Images, "--out", Store, "--shard", "auto");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("SLURM_ARRAY_TASK_ID", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith("name the shard (--shard)\n", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    // As the controller of an Indexed Job does: an index is tried again until it succeeds.
    private async Task<int> Pod(int index, SemaphoreSlim parallelism, string? fault = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            await parallelism.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                Dictionary<string, string> environment = new() { ["JOB_COMPLETION_INDEX"] = $"{index}" };
                if (attempt == 1 && fault is not null)
                {
                    environment[FaultPoint.Variable] = fault;
                }

                Outcome outcome = await Run(["--shard", "auto", "--shards", "4"], environment, null);
                if (outcome.Code == ExitCode.Done)
                {
                    return attempt;
                }

                Assert.Equal(Killed, outcome.Code);
            }
            finally
            {
                parallelism.Release();
            }
        }
    }

    private async Task<string> Alone()
    {
        string store = _world.Run("alone");
        Outcome outcome = await CliProcess.Run(AppContext.BaseDirectory, ArgumentsOf(store, []), s_patience);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        return await Merge(store);
    }

    private static async Task<string> Merge(string store)
    {
        Outcome outcome = await CliProcess.Run(AppContext.BaseDirectory, ["merge", store], s_patience);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        return outcome.Output.Split('\n').Single(line => line.StartsWith("SHA-256", StringComparison.Ordinal));
    }

    private Task<Outcome> Extract(
        string shard,
        string? fault = null,
        Func<Process, bool>? onStart = null,
        params string[] more
    ) =>
        Run(["--shard", shard, .. more], fault is null ? [] : new() { [FaultPoint.Variable] = fault }, (process, _) =>
            onStart?.Invoke(process)
        );

    private Task<Outcome> Run(string[] more, Dictionary<string, string> environment, Action<Process, string>? onLine) =>
        CliProcess.Run(AppContext.BaseDirectory, ArgumentsOf(Store, more), s_patience, onLine, environment);

    private string[] ArgumentsOf(string store, string[] more) =>
        [
            "extract",
            _world.Images,
            "--out",
            store,
            "--body",
            _world.BodyPath,
            "--views",
            "1",
            "--train",
            "0.6",
            "--threads",
            "1",
            .. more.Contains("--unit-images") ? [] : (string[])["--unit-images", "4"],
            .. more,
        ];

    private void AssertEachUnitOnce()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Store, "units")).Select(file => Path.GetFileName(file))];
        Assert.Equal(2 * UnitCount, files.Count(file => file.EndsWith(".json", StringComparison.Ordinal)));
        Assert.Equal(2 * UnitCount, files.Count(file => file.EndsWith(".db", StringComparison.Ordinal)));
        Assert.Equal(4 * UnitCount, files.Length);
    }
}
