using System.Diagnostics;
using System.Text.Json;
using Graft.Onnx;
using Graft.Training.Runs;

namespace Graft.Cli.Tests.Runs;

/// <summary>Disks that fill up or turn read-only under a run, and folders that two runs want.</summary>
public sealed class StorageTests(ToyRun toy) : IClassFixture<ToyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string? _disk;

    private string Run => Path.Combine(_disk ?? _folder.Root, "run");

    public void Dispose()
    {
        if (_disk is not null)
        {
            Shell("umount", _disk);
        }

        _folder.Dispose();
    }

    // From no room for options.json, over the log, the split, the probe and checkpoints of both phases, to the model and the evaluation.
    [Fact]
    public async Task A_disk_that_fills_at_ten_moments_is_told_of_leaves_no_half_file_and_the_run_goes_on_when_there_is_room()
    {
        HashSet<string> moments = [];
        foreach (int kilobytes in (int[])[4, 12, 16, 20, 24, 32, 40, 48, 56, 60])
        {
            Mount($"size={kilobytes}k");
            Outcome full = await toy.Train(Run);
            moments.Add(LastEvent());

            Assert.True(full.Code == ExitCode.BadInput, $"{kilobytes} kB: {full.Code} {full.Error}");
            Assert.StartsWith($"graft: '{Run}' cannot ", Assert.Single(full.ErrorLines), StringComparison.Ordinal);
            Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
            AssertWhole();
            bool hasBegun = File.Exists(Path.Combine(Run, "options.json"));
            Assert.Equal(hasBegun, full.Error.Contains($"go on with `graft resume {Run}`", StringComparison.Ordinal));

            Shell("mount", "-o", "remount,size=64m", _disk!);
            Outcome last = hasBegun ? await toy.Resume(Run) : await toy.Train(Run);
            Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
            await toy.AssertSame(Run);
            Shell("umount", _disk!);
            _disk = null;
        }

        Assert.True(moments.Count >= 4, string.Join("; ", moments));
    }

    [Fact]
    public async Task A_disk_that_has_turned_read_only_is_told_of_and_the_run_goes_on_when_it_can_be_written()
    {
        Mount("size=64m");
        await toy.Train(Run, "epoch:3");
        Shell("mount", "-o", "remount,ro", _disk!);

        Outcome refused = await toy.Resume(Run);
        Outcome fresh = await toy.Train(Path.Combine(_disk!, "other"));
        Shell("mount", "-o", "remount,rw", _disk!);
        Outcome resumed = await toy.Resume(Run);

        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains("Read-only file system", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, fresh.Code);
        Assert.Contains("Read-only file system", Assert.Single(fresh.ErrorLines), StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task While_a_process_trains_in_a_folder_another_is_refused_and_told_its_number()
    {
        Task<Outcome> first = toy.Train(Run);
        string path = RunLock.PathIn(Run);
        while (!RunOptions.Exist(Run))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Outcome second = Cli.Run("resume", Run);
        LockOwner? owner = File.Exists(path) ? JsonSerializer.Deserialize<LockOwner>(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), TrainingRun.Json) : null;
        Outcome ended = await first;

        Assert.Equal((ExitCode.Done, ""), (ended.Code, ended.Error));
        Assert.Equal(ExitCode.BadInput, second.Code);
        Assert.Contains($"process {owner?.Process} works in it", Assert.Single(second.ErrorLines), StringComparison.Ordinal);
        await toy.AssertSame(Run);
    }

    private void Mount(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no tmpfs");
        string disk = Directory.CreateDirectory(Path.Combine(_folder.Root, "disk")).FullName;
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk) == 0, "mounting is not permitted");
        _disk = disk;
    }

    // No half file: each is there under its own name only if it can be read to the end.
    private void AssertWhole()
    {
        foreach (string file in Directory.Exists(Run) ? Directory.EnumerateFiles(Run, "*", SearchOption.AllDirectories) : [])
        {
            switch (Path.GetExtension(file))
            {
                case ".json":
                    JsonDocument.Parse(File.ReadAllText(file)).Dispose();
                    break;
                case ".jsonl":
                    Assert.All(File.ReadAllLines(file), line => JsonDocument.Parse(line).Dispose());
                    break;
                case ".onnx":
                    OnnxModel.Load(file);
                    break;
                case ".safetensors":
                    Graft.Training.Weights.SafetensorsFile.Read(file);
                    break;
                default:
                    Assert.Contains(Path.GetFileName(file), (string[])["split.csv", "images.sha256"]);
                    break;
            }
        }
    }

    private string LastEvent() => File.Exists(Path.Combine(Run, "log.jsonl")) && File.ReadAllLines(Path.Combine(Run, "log.jsonl")) is [.., string last]
        ? JsonDocument.Parse(last).RootElement is var line && line.TryGetProperty("phase", out JsonElement phase) ? $"{line.GetProperty("event")} {phase}" : $"{line.GetProperty("event")}"
        : "nothing yet";

    private static int Shell(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
