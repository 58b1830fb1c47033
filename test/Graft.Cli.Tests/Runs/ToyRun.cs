using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>
/// A training of a few seconds that goes through every phase, and what it makes when nothing stops it.
/// </summary>
public sealed class ToyRun : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3); // a few seconds alone
    private readonly ToyWorld _world = new(12);
    private readonly Lazy<Task<(byte[] Model, string Scores)>> _reference;

    public ToyRun() => _reference = new(Uninterrupted);

    public string Images => _world.Images;

    /// <summary>model.onnx and evaluation.json, but for its seconds, of a run that nothing stopped.</summary>
    public Task<(byte[] Model, string Scores)> Reference => _reference.Value;

    public string AnyImage => Path.Combine(Images, "rings", "00.png");

    public string Folder(string name) => _world.Run(name);

    public void Dispose() => _world.Dispose();

    /// <summary>
    /// Trains a random head, then body layers, and goes on with all images.
    /// </summary>
    internal Task<Outcome> Train(string run, string? fault = null, params string[] more) =>
        Start([.. TrainingOf(run), .. more], fault);

    internal Task<Outcome> Resume(string run, string? fault = null, params string[] more) =>
        Start(["resume", run, .. more], fault);

    /// <summary>The same with a folder of its own for what is kept between runs; the tests share another.</summary>
    internal Task<Outcome> TrainWithCache(string cache, string run, string? fault = null) =>
        Start(TrainingOf(run), fault, cache);

    internal Task<Outcome> ResumeWithCache(string cache, string run, string? fault = null) =>
        Start(["resume", run], fault, cache);

    /// <summary>
    /// Number of exports of a run that nothing stopped: of the first answer, of better ones, of the last.
    /// </summary>
    internal async Task<int> ExportsOfReference()
    {
        await Reference;
        return File.ReadLines(Path.Combine(Folder("reference"), "log.jsonl"))
            .Count(line => line.Contains("\"PhaseStarted\",\"phase\":\"export\"", StringComparison.Ordinal));
    }

    /// <summary>
    /// True where the run has ended with the bytes of one that nothing stopped, and nothing else is left in its folder.
    /// </summary>
    internal async Task AssertSame(string run)
    {
        (byte[] model, string scores) = await Reference;
        Assert.Equal(scores, Scores.Of(run));
        Assert.Equal(
            model,
            await File.ReadAllBytesAsync(Path.Combine(run, "model.onnx"), TestContext.Current.CancellationToken)
        );
        Assert.Equal(
            await File.ReadAllBytesAsync(
                Path.Combine(Folder("reference"), "model.json"),
                TestContext.Current.CancellationToken
            ),
            await File.ReadAllBytesAsync(Path.Combine(run, "model.json"), TestContext.Current.CancellationToken)
        );
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
            Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Order()
        );
    }

    private string[] TrainingOf(string run) =>
        [
            "train",
            Images,
            "--out",
            run,
            "--body",
            _world.BodyPath,
            "--input-recipe",
            "imagenet",
            "--views",
            "1",
            "--train",
            "0.6",
            "--head",
            "32",
            "--dropout",
            "0.1",
            "--start",
            "random",
            "--head-optimizer",
            "adam",
            "--head-epochs",
            "6",
            "--head-training-rate",
            "0.02",
            "--epochs",
            "10",
            "--body-rate",
            "0.1",
            "--batch",
            "8",
            "--target-accuracy",
            "1",
            "--threads",
            "1",
            "--checkpoint-minutes",
            "0",
        ];

    private static Task<Outcome> Start(string[] args, string? fault, string? cache = null)
    {
        Dictionary<string, string> environment = [];
        if (fault is not null)
        {
            environment[FaultPoint.Variable] = fault;
        }

        if (cache is not null)
        {
            environment[CacheOptions.Variable] = cache;
        }

        return CliProcess.Run(AppContext.BaseDirectory, args, s_patience, environment: environment);
    }

    private async Task<(byte[] Model, string Scores)> Uninterrupted()
    {
        string run = Folder("reference");
        Outcome outcome = await Train(run);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        // or the bytes would say nothing of training
        Assert.Contains("Shipped:  fine-tuned", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("with the validation images as training images", outcome.Progress, StringComparison.Ordinal);
        return (await File.ReadAllBytesAsync(Path.Combine(run, "model.onnx")), Scores.Of(run));
    }
}
