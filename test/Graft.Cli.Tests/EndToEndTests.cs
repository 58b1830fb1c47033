using System.Diagnostics;
using System.Text.Json;

namespace Graft.Cli.Tests;

/// <summary>From photographs to predictions with the real program, body and training.</summary>
public sealed class EndToEndTests : IDisposable
{
    private const int ImagesOfAClass = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // 20 s alone on two cores
    private static readonly string[] s_classes = ["bolt", "gear", "nut"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _images;
    private readonly string _run;

    public EndToEndTests()
    {
        _images = Path.Combine(_folder.Root, "parts");
        _run = Path.Combine(_folder.Root, "run");
        foreach (string name in s_classes)
        {
            Directory.CreateDirectory(Path.Combine(_images, name));
            foreach (
                string file in Directory
                    .EnumerateFiles(Path.Combine(SharedData.Root, "samples", "parts", name))
                    .Order()
                    .Take(ImagesOfAClass)
            )
            {
                File.Copy(file, Path.Combine(_images, name, Path.GetFileName(file)));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trained_on_a_folder_the_model_evaluates_as_the_run_says_and_predicts()
    {
        Outcome trained = await Run(
            "train",
            _images,
            "--epochs",
            "1",
            "--views",
            "1",
            "--seed",
            "3",
            "--out",
            _run,
            "--json"
        );
        JsonElement result = JsonDocument.Parse(trained.Output).RootElement;
        string model = result.GetProperty("model").GetString()!;
        Outcome evaluated = await Run(
            "evaluate",
            model,
            _images,
            "--split-file",
            Path.Combine(_run, "split.csv"),
            "--json"
        );
        Outcome predicted = await Run("predict", model, Path.Combine(_images, "gear"), "--json");

        Assert.Equal(ExitCode.Done, trained.Code);
        Assert.Contains("fine-tune", trained.Progress, StringComparison.Ordinal);
        Assert.Equal(
            [
                "doctor.json",
                "evaluation.json",
                "log.jsonl",
                "model.json",
                "model.onnx",
                "nearest.json",
                "options.json",
                "predictions.csv",
                "report.html",
                "split.csv",
                "timing.json",
            ],
            Directory.EnumerateFiles(_run).Select(Path.GetFileName).Order()
        );
        JsonElement again = JsonDocument.Parse(evaluated.Output).RootElement;
        Assert.Equal(12, again.GetProperty("count").GetInt32()); // a fifth of 60
        Assert.Equal(result.GetProperty("correct").GetInt32(), again.GetProperty("correct").GetInt32());
        // batches of 16 sum in another order
        Assert.Equal(result.GetProperty("logLoss").GetDouble(), again.GetProperty("logLoss").GetDouble(), 1e-4);
        int right = JsonDocument
            .Parse(predicted.Output)
            .RootElement.EnumerateArray()
            .Count(image => image.GetProperty("label").GetString() == "gear");
        Assert.InRange(right, ImagesOfAClass - 2, ImagesOfAClass);
    }

    [Fact]
    public async Task A_probe_tells_what_it_made_and_the_command_to_try_next()
    {
        Outcome outcome = await Run("probe", _images, "--views", "0", "--out", _run);
        string next = outcome
            .Output.Split('\n')
            .Single(line => line.StartsWith("Next:", StringComparison.Ordinal))
            ["Next:     ".Length..];
        Outcome predicted = await CliProcess.Start(next.Split(' ')[0], next.Split(' ')[1..], s_patience);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("\nShipped:  probe\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("extract", outcome.Progress, StringComparison.Ordinal);
        Assert.Matches(@"^Accuracy: [01]\.\d{3} \(\d+ of 12; 95 % interval ", outcome.Output);
        Assert.DoesNotContain('\u001b', outcome.Output);
        Assert.Equal((ExitCode.Done, ""), (predicted.Code, predicted.Error));
        await ExportsInInt8();
    }

    // Part of another test, because the training takes longer than all of this.
    private async Task ExportsInInt8()
    {
        string file = Path.Combine(_folder.Root, "int8.onnx");
        Outcome outcome = await Run("export", _run, "--out", file, "--even-if-slower", "--max-loss", "20%", "--json");
        Outcome predicted = await Run("predict", file, Path.Combine(_images, "gear"), "--json");

        Assert.Equal(ExitCode.Done, outcome.Code);
        JsonElement result = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal(12, result.GetProperty("count").GetInt32());
        Assert.InRange(result.GetProperty("bytes").GetInt64(), 1, result.GetProperty("bytesBefore").GetInt64() / 3);
        int right = JsonDocument
            .Parse(predicted.Output)
            .RootElement.EnumerateArray()
            .Count(image => image.GetProperty("label").GetString() == "gear");
        Assert.InRange(right, ImagesOfAClass - 2, ImagesOfAClass);
    }

    // SIGTERM goes the way of Ctrl-C; shells that start tests in the background switch SIGINT off.
    [Fact]
    public async Task Stopped_while_fine_tuning_the_best_so_far_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals to send");
        bool isStopped = false;

        Outcome outcome = await CliProcess.Run(
            AppContext.BaseDirectory,
            ["train", _images, "--epochs", "500", "--views", "0", "--out", _run],
            s_patience,
            (process, line) =>
            {
                if (!isStopped && line.StartsWith("fine-tune", StringComparison.Ordinal))
                {
                    isStopped = true;
                    using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
                    kill.WaitForExit();
                }
            }
        );

        Assert.Equal(ExitCode.Cancelled, outcome.Code);
        Assert.StartsWith("graft: stopping; the best so far is kept.", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(
            ExitCode.Done,
            Cli.Run("predict", Path.Combine(_run, "model.onnx"), Path.Combine(_images, "nut")).Code
        );
        Assert.DoesNotContain(Directory.EnumerateFiles(_run), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    private static Task<Outcome> Run(params string[] args) =>
        CliProcess.Run(AppContext.BaseDirectory, args, s_patience);
}
