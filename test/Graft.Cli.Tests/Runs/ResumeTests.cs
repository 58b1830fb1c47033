using Graft.Prediction;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Cli.Tests.Runs;

/// <summary>Runs that are killed, by SIGKILL, at chosen places, and go on.</summary>
public sealed class ResumeTests(ToyRun toy) : IClassFixture<ToyRun>, IDisposable
{
    private const int Killed = 137; // 128 + SIGKILL
    private const int RenamedPlace = 7;
    private static readonly string[] s_exportPlaces =
    [
        "export begins",
        "parity-checked",
        "self-test-made",
        "file-half model.json",
        "file-renamed model.json",
        "file-half model.onnx",
        "file-whole model.onnx",
        "file-renamed model.onnx",
        "export ends",
    ];
    private readonly TemporaryFolder _folder = new();

    private string ModelPath => Path.Combine(Run, "model.onnx");

    private string Run => Path.Combine(_folder.Root, "run");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("extract begins:1")]
    [InlineData("checkpoint-written:1")] // between the probe's two fits
    [InlineData("batch:9")] // in the middle of an epoch of head training
    [InlineData("tensor-written:150")] // with half of a checkpoint on the disk
    [InlineData("file-whole:80")] // with a whole checkpoint that does not have its name yet
    [InlineData("checkpoint-deleted:30")]
    [InlineData("fine-tune begins:2")] // the last training, on all images
    [InlineData("evaluate begins:1")]
    public async Task A_killed_run_resumes_to_the_same_bytes(string fault)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");

        Outcome killed = await toy.Train(Run, fault);
        bool isComplete = File.Exists(Path.Combine(Run, "evaluation.json"));
        Outcome resumed = await toy.Resume(Run);

        Assert.Equal((Killed, false), (killed.Code, isComplete));
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task A_run_killed_again_and_again_ends_with_the_same_bytes_with_any_number_of_threads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");

        await toy.Train(Run, "batch:11", "--decode-threads", "1");
        await toy.Resume(Run, "tensor-written:100", "--checkpoint-minutes", "0", "--decode-threads", "5");
        await toy.Resume(Run, "epoch:5", "--decode-threads", "3");
        await toy.Resume(Run, "file-half:3");
        Outcome last = await toy.Resume(Run, null, "--decode-threads", "7");

        Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
        await toy.AssertSame(Run);
    }

    // Each place ends one more session of the same run. All are in the export of the first answer.
    [Fact]
    public async Task A_run_that_is_killed_at_every_place_of_its_first_export_leaves_a_whole_model_or_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        for (int i = 0; i <= RenamedPlace; i++)
        {
            string fault = s_exportPlaces[i] + ":1";

            Outcome killed = i == 0 ? await toy.Train(Run, fault) : await toy.Resume(Run, fault);

            Assert.True(killed.Code == Killed, $"{fault}: {killed.Code} {killed.Error}");
            Assert.Equal(i >= RenamedPlace, File.Exists(ModelPath));
            Assert.True(File.Exists(Path.Combine(Run, "model.json")) || i < RenamedPlace, fault);
        }

        using (Predictor predictor = Predictor.Load(ModelPath))
        {
            Assert.Contains(predictor.Predict(toy.AnyImage).Label, predictor.Card.Labels);
        }

        Outcome last = await toy.Resume(Run);

        Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
        await toy.AssertSame(Run);
    }

    // Each place ends one more session of the same run, from the first check of the last export to the end of the last
    // checkpoint.
    [Fact]
    public async Task A_run_that_is_killed_at_every_place_of_its_last_export_or_evaluation_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        (byte[] model, _) = await toy.Reference;
        // a session that finds a model does not export the first answer again
        int visit = await toy.ExportsOfReference() - 1;
        string[] places =
        [
            .. s_exportPlaces.Select(place => $"{place}:{visit}"),
            "evaluate begins:1",
            "test-images-seen:1",
            "evaluate ends:1",
            "file-half evaluation.json:1",
            "file-whole evaluation.json:1",
            "file-renamed evaluation.json:1",
        ];
        await toy.Train(Run, "head training begins:1");
        for (int i = 0; i < places.Length; i++)
        {
            Outcome killed = await toy.Resume(Run, places[i]);

            Assert.True(killed.Code == Killed, $"{places[i]}: {killed.Code} {killed.Error}");
            Assert.True(model.AsSpan().SequenceEqual(File.ReadAllBytes(ModelPath)) == i >= RenamedPlace, places[i]);
            Assert.Equal(i == places.Length - 1, File.Exists(Path.Combine(Run, "evaluation.json")));
            Assert.False(TrainingRun.IsComplete(Run));
        }

        Outcome last = await toy.Resume(Run);

        Assert.Equal((ExitCode.Done, ""), (last.Code, last.Error));
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task A_run_that_is_killed_while_its_checkpoints_are_deleted_is_complete()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");

        Outcome killed = await toy.Train(Run, "checkpoints-renamed:1");
        Outcome resumed = await toy.Resume(Run);

        Assert.Equal(Killed, killed.Code);
        Assert.Equal(ExitCode.Done, resumed.Code);
        Assert.Contains("is complete", resumed.Error, StringComparison.Ordinal);
        File.Delete(RunLock.PathIn(Run)); // of the killed process; nothing takes it any more
        await toy.AssertSame(Run);
    }

    // The first session of a run fills an empty cache; later ones, and another run, read what it left there.
    [Theory]
    [InlineData("cache-row:1")] // within the first transaction
    [InlineData("cache-row:100")] // within that of the activations
    [InlineData("cache-commit:2")] // with the log not yet in the file
    public async Task A_run_killed_while_it_fills_the_cache_resumes_to_the_same_bytes(string fault)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        string cache = Path.Combine(_folder.Root, "cache");
        string other = Path.Combine(_folder.Root, "other");

        Outcome killed = await toy.TrainWithCache(cache, Run, fault);
        Outcome resumed = await toy.ResumeWithCache(cache, Run);
        Outcome again = await toy.TrainWithCache(cache, other);

        Assert.Equal((Killed, true), (killed.Code, File.Exists(Path.Combine(cache, CacheFile.Name))));
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        Assert.Equal((ExitCode.Done, ""), (again.Code, again.Error));
        await toy.AssertSame(Run);
        await toy.AssertSame(other);
    }

    [Theory]
    [InlineData("ONNX Runtime")]
    [InlineData("libtorch")]
    public async Task A_machine_that_computes_wrongly_is_refused_before_there_is_a_run(string engine)
    {
        string cache = Path.Combine(_folder.Root, "cache");

        Outcome refused = await toy.TrainWithCache(cache, Run, $"{engine}:1:wrong");
        Outcome again = await toy.TrainWithCache(cache, Run, $"{engine}:1:wrong");

        Assert.All([refused, again], outcome =>
        {
            Assert.Equal(ExitCode.BadInput, outcome.Code);
            Assert.StartsWith(
                $"graft: '{engine}' cannot be used: it computes the embedded network wrongly on this machine",
                Assert.Single(outcome.ErrorLines),
                StringComparison.Ordinal
            );
        });
        Assert.False(Directory.Exists(Run));
        Assert.False(File.Exists(Path.Combine(cache, CheckedEngines.FileName)));
    }

    [Fact]
    public async Task A_machine_that_has_passed_is_remembered_and_a_run_that_was_stopped_is_checked_where_it_is_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        string cache = Path.Combine(_folder.Root, "cache");
        await toy.TrainWithCache(cache, Run, "head training begins:1");
        Outcome known = await toy.ResumeWithCache(cache, Run, "libtorch:1:wrong"); // not asked: it has passed
        File.Delete(Path.Combine(cache, CheckedEngines.FileName));
        await toy.TrainWithCache(
            Path.Combine(_folder.Root, "other cache"),
            Path.Combine(_folder.Root, "other"),
            "head training begins:1"
        );
        Outcome refused = await toy.ResumeWithCache(cache, Path.Combine(_folder.Root, "other"), "libtorch:1:wrong");

        Assert.Equal((ExitCode.Done, ""), (known.Code, known.Error));
        await toy.AssertSame(Run);
        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains("'libtorch' cannot be used", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_checkpoint_is_refused_by_name_and_the_previous_one_is_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        await toy.Train(Run, "epoch:2");
        string[] moments = Moments();
        byte[] newest = File.ReadAllBytes(moments[^1]);
        File.WriteAllBytes(moments[^1], newest[..(newest.Length - 100)]);

        Outcome resumed = await toy.Resume(Run);

        Assert.Equal(2, moments.Length);
        Assert.Contains(
            $"The checkpoint '{Path.GetFileName(moments[^1])}' is refused: the end: ",
            resumed.Progress,
            StringComparison.Ordinal
        );
        Assert.Contains("the one before is used", resumed.Progress, StringComparison.Ordinal);
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task Checkpoints_that_were_changed_or_belong_to_another_run_are_refused_by_name_and_computed_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        string other = Path.Combine(_folder.Root, "other");
        await toy.Train(Run, "epoch:2");
        await toy.Train(other, "epoch:2", "--seed", "2");
        string[] moments = Moments();
        byte[] changed = File.ReadAllBytes(moments[^1]);
        changed[^5] ^= 1;
        File.WriteAllBytes(moments[^1], changed);
        File.Copy(moments[0].Replace(Run, other, StringComparison.Ordinal), moments[0], overwrite: true);

        Outcome resumed = await toy.Resume(Run);

        Assert.Contains(
            $"'{Path.GetFileName(moments[^1])}' is refused: its content does not match its hash",
            resumed.Progress,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"'{Path.GetFileName(moments[0])}' is refused: it belongs to another run",
            resumed.Progress,
            StringComparison.Ordinal
        );
        Assert.Contains("the step begins again", resumed.Progress, StringComparison.Ordinal);
        await toy.AssertSame(Run);
    }

    [Fact]
    public async Task An_image_that_was_added_or_changed_since_stops_a_resumed_run()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        using ToyRun own = new();
        await own.Train(Run, "epoch:3");
        string changed = Path.Combine(own.Images, "rings", "03.png");
        File.Copy(Path.Combine(own.Images, "rings", "04.png"), changed, overwrite: true);

        Outcome resumed = await own.Resume(Run);

        Assert.Equal(ExitCode.BadInput, resumed.Code);
        Assert.StartsWith(
            $"graft: '{Run}' cannot be resumed: the images in '{own.Images}' are not those that it began with",
            Assert.Single(resumed.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Training_into_a_run_that_exists_tells_how_to_go_on_with_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        await toy.Train(Run, "epoch:1");

        Outcome again = await toy.Train(Run);

        Assert.Equal(ExitCode.BadInput, again.Code);
        Assert.Equal(
            [$"graft: '{Run}' cannot take a run: it holds one already; resume that run, or choose " + "another folder"],
            again.ErrorLines
        );
    }

    [Fact]
    public async Task A_complete_run_has_nothing_left_to_resume()
    {
        await toy.Reference;

        Outcome resumed = Cli.Run("resume", toy.Folder("reference"));

        Assert.Equal(ExitCode.Done, resumed.Code);
        Assert.Contains(
            "is complete: nothing is left to do",
            Assert.Single(resumed.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(null, "it holds no run (options.json is missing)")]
    [InlineData("", "options.json is not what Graft writes")]
    [InlineData("{\"images\":\"/x\",\"options\":null}", "options.json is not what Graft writes")]
    [InlineData("{\"images\":\"/x\",\"options\":{\"seed\":\"one\"}}", "options.json is not what Graft writes")]
    public void A_folder_that_holds_no_sound_run_is_refused_in_one_line(string? options, string reason)
    {
        Directory.CreateDirectory(Run);
        if (options is not null)
        {
            File.WriteAllText(Path.Combine(Run, "options.json"), options);
        }

        Outcome outcome = Cli.Run("resume", Run);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.StartsWith(
            $"graft: '{Run}' cannot be resumed: {reason}",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_batch_that_runs_out_of_memory_is_halved_and_the_run_continues()
    {
        Outcome outcome = await toy.Train(Run, "batch:20:memory");

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains(
            "Memory ran out in a batch of 8 images: on with 2 pieces a batch",
            outcome.Progress,
            StringComparison.Ordinal
        );
        Assert.Contains("Memory ran out", File.ReadAllText(Path.Combine(Run, "log.jsonl")), StringComparison.Ordinal);
    }

    private string[] Moments() =>
        [.. Directory.EnumerateFiles(Path.Combine(Run, "checkpoints"), "*.0*.safetensors").Order()];
}
