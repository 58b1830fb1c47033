using Graft.Cli.Tests.Runs;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Slurm;

/// <summary>The scripts of deploy/slurm on a real Slurm.</summary>
public sealed class SlurmTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly ToyWorld _world = new(12);

    private string[] Training => ["--body", _world.BodyPath, "--views", "1", "--train", "0.6", "--unit-images", "4"];

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Graft.Cli");

    [Fact]
    public async Task An_array_with_a_killed_task_and_a_dependent_merge_makes_the_bytes_of_one_process()
    {
        using LocalSlurm slurm = await LocalSlurm.Start();
        string store = _world.Run("store");
        slurm.Environment["GRAFT"] = KilledOnce(slurm.Folder, task: 2, "unit-made rows-000002:1");

        string merge = await slurm.Run(
            Path.Combine(SharedData.Root, "deploy", "slurm", "submit.sh"),
            ["4", _world.Images, store, .. Training]
        );
        string state = await slurm.StateOf(merge);

        string logs = slurm.Output();
        Assert.True(state == "COMPLETED", $"{state}\n{slurm.Story()}");
        Assert.Contains("graft ended with 137: the task is queued again", logs, StringComparison.Ordinal);
        Assert.Contains("Shard 2/4 is in", logs, StringComparison.Ordinal);
        Assert.Equal(await Alone(), await Merge(store));
    }

    [Fact]
    public async Task A_plan_an_array_with_a_killed_task_and_a_dependent_training_make_the_bytes_of_one_process()
    {
        using LocalSlurm slurm = await LocalSlurm.Start();
        using SeedsOfOneProcess plain = new();
        string run = _world.Run("run");
        slurm.Environment["GRAFT"] = KilledOnce(slurm.Folder, task: 1, "unit-made seed-2:1");
        string[] training = plain.TrainingOf("train");

        string train = await slurm.Run(
            Path.Combine(SharedData.Root, "deploy", "slurm", "submit-seeds.sh"),
            // without the verb, the images, and the number of seeds and threads, which the script gives
            ["3", plain.Images, _world.Run("units"), run, .. training[2..^4]]
        );
        string state = await slurm.StateOf(train);

        string logs = slurm.Output();
        Assert.True(state == "COMPLETED", $"{state}\n{slurm.Story()}");
        Assert.Contains("graft ended with 137: the task is queued again", logs, StringComparison.Ordinal);
        Assert.Contains("Shard 1/3 is in", logs, StringComparison.Ordinal);
        await plain.AssertSame(run, areWorkingFoldersEqual: false);
    }

    public void Dispose() => _world.Dispose();

    // The program, but that the first attempt of a task dies when its first unit is made.
    private static string KilledOnce(string folder, int task, string fault)
    {
        string script = Path.Combine(folder, "graft-killed-once");
        File.WriteAllText(
            script,
            $$"""
            #!/usr/bin/env bash
            if [ "${SLURM_ARRAY_TASK_ID:-}" = {{task}} ] && [ -z "${SLURM_RESTART_COUNT:-}" ]; then
              export GRAFT_FAULT='{{fault}}'
            fi
            exec '{{Program}}' "$@"

            """.ReplaceLineEndings("\n")
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return script;
    }

    private async Task<string> Alone()
    {
        string store = _world.Run("alone");
        string[] extract = ["extract", _world.Images, "--out", store, .. Training];
        Outcome outcome = await CliProcess.Run(AppContext.BaseDirectory, extract, s_patience);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        return await Merge(store);
    }

    private static async Task<string> Merge(string store)
    {
        Outcome outcome = await CliProcess.Run(AppContext.BaseDirectory, ["merge", store], s_patience);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        return outcome.Output.Split('\n').Single(line => line.StartsWith("SHA-256", StringComparison.Ordinal));
    }
}
