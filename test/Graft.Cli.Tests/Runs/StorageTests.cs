using System.Text.Json;
using Graft.Onnx;
using Graft.Training.Run;

namespace Graft.Cli.Tests.Runs;

/// <summary>Disks that fill up or turn read-only under a run, and folders that two runs want.</summary>
public sealed class StorageTests(ToyRun toy) : IClassFixture<ToyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SmallDisk? _disk;

    private string Run => Path.Combine(_disk?.Root ?? _folder.Root, "run");

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    // From no room for options.json, over the log, the split, the probe and checkpoints of each phase, to the model and
    // the evaluation.
    [Fact]
    public async Task A_full_disk_is_reported_leaves_no_half_file_and_the_run_resumes_when_there_is_room()
    {
        HashSet<string> moments = [];
        foreach (int kilobytes in (int[])[4, 12, 16, 20, 32, 40, 48, 60, 64, 80])
        {
            _disk = new($"size={kilobytes}k");
            Outcome full = await toy.Train(Run);
            moments.Add(Moment());

            Assert.True(full.Code == ExitCode.BadInput, $"{kilobytes} kB: {full.Code} {full.Error}");
            Assert.StartsWith($"graft: '{Run}' cannot ", Assert.Single(full.ErrorLines), StringComparison.Ordinal);
            Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
            AssertWhole();
            bool hasBegun = File.Exists(Path.Combine(Run, "options.json"));
            Assert.Equal(hasBegun, full.Error.Contains("resume the run", StringComparison.Ordinal));

            _disk.Remount("size=64m");
            Outcome last = hasBegun ? await toy.Resume(Run) : await toy.Train(Run);
            Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
            await toy.AssertSame(Run);
            _disk.Dispose();
            _disk = null;
        }

        Assert.True(moments.Count >= 7, string.Join("; ", moments));
    }

    // What a small disk does not reach: the least room is needed at the end. One run, one moment a session.
    [Fact]
    public async Task A_disk_that_fills_up_late_is_reported_leaves_no_half_file_and_the_run_can_resume()
    {
        string[] moments =
        [
            "file-whole timing.json:9:disk", // after a checkpoint of head training
            "tensor-written:150:disk", // in the middle of a checkpoint of the fine-tuning
            "file-half model.onnx:1:disk",
            "file-whole model.onnx:1:disk",
            "file-half evaluation.json:1:disk",
            "file-whole evaluation.json:1:disk",
        ];
        for (int i = 0; i < moments.Length; i++)
        {
            Outcome full = i == 0 ? await toy.Train(Run, moments[i]) : await toy.Resume(Run, moments[i]);

            Assert.True(full.Code == ExitCode.BadInput, $"{moments[i]}: {full.Code} {full.Error}");
            Assert.StartsWith($"graft: '{Run}' cannot ", Assert.Single(full.ErrorLines), StringComparison.Ordinal);
            Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
            Assert.Contains("resume the run", full.Error, StringComparison.Ordinal);
            AssertWhole();
        }

        Outcome last = await toy.Resume(Run);
        Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task A_read_only_disk_is_reported_and_the_run_resumes_when_it_can_be_written()
    {
        _disk = new("size=64m");
        await toy.Train(Run, "epoch:3");
        _disk.Remount("ro");

        Outcome refused = await toy.Resume(Run);
        Outcome fresh = await toy.Train(Path.Combine(_disk.Root, "other"));
        _disk.Remount("rw");
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
        LockOwner? owner = File.Exists(path)
            ? JsonSerializer.Deserialize<LockOwner>(
                await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken),
                TrainingRun.Json
            )
            : null;
        Outcome ended = await first;

        Assert.Equal((ExitCode.Done, ""), (ended.Code, ended.Error));
        Assert.Equal(ExitCode.BadInput, second.Code);
        Assert.Contains(
            $"process {owner?.Process} works in it",
            Assert.Single(second.ErrorLines),
            StringComparison.Ordinal
        );
        await toy.AssertSame(Run);
    }

    // No half file: each is there under its own name only if it can be read to the end.
    private void AssertWhole()
    {
        foreach (
            string file in Directory.Exists(Run) ? Directory.EnumerateFiles(Run, "*", SearchOption.AllDirectories) : []
        )
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
                case ".html":
                    Assert.EndsWith("</html>\n", File.ReadAllText(file), StringComparison.Ordinal);
                    break;
                default:
                    Assert.Contains(
                        Path.GetFileName(file),
                        (string[])["split.csv", "predictions.csv", "images.sha256"]
                    );
                    break;
            }
        }
    }

    // What the log says last, and what lies in the folder.
    private string Moment()
    {
        string log = Path.Combine(Run, "log.jsonl");
        JsonElement? last =
            File.Exists(log) && File.ReadAllLines(log) is [.., string line]
                ? JsonDocument.Parse(line).RootElement
                : null;
        string told =
            last is not { } element ? "nothing yet"
            : element.TryGetProperty("phase", out JsonElement phase) ? $"{element.GetProperty("event")} {phase}"
            : $"{element.GetProperty("event")}";
        string[] files = Directory.Exists(Run)
            ?
            [
                .. Directory
                    .EnumerateFiles(Run, "*", SearchOption.AllDirectories)
                    .Select(file => Path.GetFileName(file)!)
                    .Order(StringComparer.Ordinal),
            ]
            : [];
        return $"{told}: {string.Join(' ', files)}";
    }
}
