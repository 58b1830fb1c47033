using System.Diagnostics;

namespace Graft.Cli.Tests.Runs;

/// <summary>Seeds that several processes train, and are killed, suspended and started twice.</summary>
public sealed class UnitTests(SeedsOfOneProcess plain) : IClassFixture<SeedsOfOneProcess>, IDisposable
{
    private const int Killed = 137; // 128 + SIGKILL
    private readonly TemporaryFolder _folder = new();

    private string Store => Path.Combine(_folder.Root, "store");

    private string Run => Path.Combine(_folder.Root, "run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_two_workers_one_is_killed_and_goes_on_and_the_result_has_the_bytes_of_one_process()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        await Done("plan");

        Outcome[] both = await Task.WhenAll(Work("1/2"), Work("0/2", "batch:9")); // in the middle of an epoch
        Outcome early = await Start([.. TrainingOf("train"), "--out", Run, "--from-units", Store]);
        Outcome again = await Work("0/2");
        Outcome trained = await Start([.. TrainingOf("train"), "--out", Run, "--from-units", Store]);

        Assert.Equal((0, Killed, ExitCode.BadInput), (both[0].Code, both[1].Code, early.Code));
        Assert.Contains("the unit seed-1 is missing", early.Error, StringComparison.Ordinal);
        Assert.Contains("goes on from where it was stopped", again.Progress, StringComparison.Ordinal);
        Assert.Contains("2 of 3 trainings, 2 made now", again.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (trained.Code, trained.Error));
        await plain.AssertSame(Run);
        AssertEachUnitOnce();
    }

    [Fact]
    public async Task Two_workers_on_one_unit_at_once_give_one_result()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no SIGSTOP");
        await Done("plan");
        TaskCompletionSource<Process> told = new();

        Task<Outcome> suspended = Work("0/3", "unit-made seed-1:1:stop", told.TrySetResult);
        Process process = await told.Task;
        await Suspension.Of(process);
        Outcome other = await Work("0/3");
        await Suspension.End(process);

        Outcome woken = await suspended;

        Assert.Equal((0, 0), (other.Code, woken.Code));
        AssertEachUnitOnce();
    }

    [Theory]
    [InlineData("unit-made seed-1:1")] // before the run has its name
    [InlineData("unit-named seed-1:1")] // between the name and the manifest
    public async Task A_worker_that_dies_while_it_publishes_leaves_nothing_half(string fault)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        await Done("plan");

        Outcome killed = await Work("0/3", fault);
        Outcome again = await Work("0/3");
        Outcome checkedOnly = await Work("0/3");

        Assert.Equal((Killed, 0), (killed.Code, again.Code));
        Assert.Contains("1 of 3 trainings, 0 made now", checkedOnly.Output, StringComparison.Ordinal);
        AssertEachUnitOnce();
    }

    [Fact]
    public async Task A_full_disk_may_pass_and_a_changed_image_does_not()
    {
        await Done("plan");

        Outcome full = await Work("0/3", "file-whole:3:disk");
        using SeedsOfOneProcess other = new();
        await Start([.. other.TrainingOf("plan"), "--out", Path.Combine(_folder.Root, "other")]);
        File.Delete(Path.Combine(other.Images, "rings", "00.png"));
        Outcome changed = await Start(["work", Path.Combine(_folder.Root, "other")]);
        Outcome nothing = await Start(["work", _folder.Root]);

        Assert.Equal(
            (ExitCode.TryAgain, ExitCode.BadInput, ExitCode.BadInput),
            (full.Code, changed.Code, nothing.Code)
        );
        Assert.Contains("the images have changed since it was planned", changed.Error, StringComparison.Ordinal);
        Assert.Contains("no training is planned in it", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_with_other_cores_trains_with_the_threads_of_the_machine_that_planned()
    {
        string[] options = [.. TrainingOf("train", threads: 0)[1..^1], "2"];
        string open = Path.Combine(_folder.Root, "plain");

        Outcome[] all =
        [
            await SeedsOfOneProcess.StartWithCores(2, ["train", .. options, "--out", open]),
            await SeedsOfOneProcess.StartWithCores(2, ["plan", .. options, "--out", Store, "--json"]),
            await SeedsOfOneProcess.StartWithCores(1, "work", Store),
            await SeedsOfOneProcess.StartWithCores(1, ["train", .. options, "--from-units", Store, "--out", Run]),
        ];

        Assert.All(all, outcome => Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error)));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(open, "seed-2", "model.onnx")),
            File.ReadAllBytes(Path.Combine(Run, "seed-2", "model.onnx"))
        );
    }

    [Fact]
    public async Task Workers_of_one_command_make_the_bytes_of_one_process_with_the_threads_of_a_worker()
    {
        Outcome outcome = await Start([.. TrainingOf("train", threads: 2), "--workers", "2", "--out", Run]);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("Seed 3 is trained", outcome.Progress, StringComparison.Ordinal);
        await plain.AssertSame(Run);
        Assert.False(Directory.Exists(Path.Combine(Run, "units")));
    }

    [Fact]
    public async Task A_command_whose_worker_dies_every_time_is_resumed_to_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");

        Outcome killed = await Start(
            [.. TrainingOf("train", threads: 2), "--workers", "2", "--out", Run],
            fault: "unit-made seed-2:1"
        );
        Outcome resumed = await Start(["resume", Run]);

        Assert.Equal(ExitCode.BadInput, killed.Code);
        Assert.Contains("worker 1 has ended with exit code 137", killed.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        await plain.AssertSame(Run);
    }

    [Fact]
    public async Task Workers_end_with_the_command_that_has_started_them_and_it_is_resumed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");

        Outcome killed = await Start(
            [.. TrainingOf("train", threads: 2), "--workers", "2", "--out", Run],
            onLine: (process, line) =>
            {
                if (line.Contains(" is trained: ", StringComparison.Ordinal))
                {
                    process.Kill(); // and not its children
                }
            }
        );
        Outcome resumed = await Start(["resume", Run]);
        while (resumed.Code == ExitCode.TryAgain)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            resumed = await Start(["resume", Run]);
        }

        Assert.Equal(Killed, killed.Code);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        await plain.AssertSame(Run);
    }

    private string[] TrainingOf(string verb, int threads = 1) => plain.TrainingOf(verb, threads);

    private async Task Done(string verb)
    {
        Outcome outcome = await Start([.. TrainingOf(verb), "--out", Store, "--json"]);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("\"units\": 3", outcome.Output, StringComparison.Ordinal);
    }

    private Task<Outcome> Work(string shard, string? fault = null, Func<Process, bool>? onStart = null) =>
        Start(
            ["work", Store, "--shard", shard, "--checkpoint-minutes", "0"],
            fault,
            (process, _) => onStart?.Invoke(process)
        );

    private static Task<Outcome> Start(
        string[] args,
        string? fault = null,
        Action<Process, string>? onLine = null
    ) => SeedsOfOneProcess.Start(args, fault, onLine);

    private void AssertEachUnitOnce()
    {
        string units = Path.Combine(Store, "work");
        string[] manifests = [.. Directory.GetFiles(units).Select(Path.GetFileNameWithoutExtension).Order()!];
        string[] runs = [.. Directory.GetDirectories(units).Select(run => Path.GetFileName(run).Split('.')[0]).Order()];
        Assert.NotEmpty(manifests);
        Assert.Equal(manifests, runs);
    }
}
