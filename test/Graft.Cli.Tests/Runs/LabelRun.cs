using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>
/// A training of images with several labels that goes through every phase, by the real program, and what it makes when
/// nothing stops it.
/// </summary>
public sealed class LabelRun : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3); // a few seconds alone
    private readonly ToyLabels _toy = new(images: 160);
    private readonly Lazy<Task<(byte[] Model, string Scores)>> _reference;

    public LabelRun()
    {
        List = _toy.Files();
        _reference = new(Uninterrupted);
    }

    /// <summary>A list of all images with their labels.</summary>
    public string List { get; }

    public string Folder(string name) => _toy.Run(name);

    public void Dispose() => _toy.Dispose();

    internal Task<Outcome> Train(string run, string? fault = null, params string[] more) =>
        Start([.. TrainingOf(run), .. more], fault, "cache");

    internal Task<Outcome> Resume(string run, string? fault = null) => Start(["resume", run], fault, "cache");

    /// <summary>The same with an empty cache.</summary>
    internal Task<Outcome> TrainWithOwnCache(string run, string cache) => Start(TrainingOf(run), null, cache);

    /// <summary>True where the run has ended with the bytes of one that nothing stopped.</summary>
    internal async Task AssertSame(string run)
    {
        (byte[] model, string scores) = await _reference.Value;
        Assert.Equal(scores, Scores.Of(run));
        Assert.Equal(
            model,
            await File.ReadAllBytesAsync(Path.Combine(run, "model.onnx"), TestContext.Current.CancellationToken)
        );
    }

    private string[] TrainingOf(string run) =>
        [
            "train",
            List,
            "--out",
            run,
            "--body",
            _toy.BodyPath,
            .. "--pooling average --views 1 --train 0.6 --epochs 8 --body-rate 0.1 --batch 8".Split(' '),
            .. "--engine onnxruntime --loss auto --threads 1 --checkpoint-minutes 0".Split(' '),
        ];

    private Task<Outcome> Start(string[] args, string? fault, string cache)
    {
        Dictionary<string, string> environment = new() { [CacheOptions.Variable] = Folder(cache) };
        if (fault is not null)
        {
            environment[FaultPoint.Variable] = fault;
        }

        return CliProcess.Run(AppContext.BaseDirectory, args, s_patience, environment: environment);
    }

    private async Task<(byte[] Model, string Scores)> Uninterrupted()
    {
        string run = Folder("reference");
        Outcome outcome = await Train(run);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("Mean AP:", outcome.Output, StringComparison.Ordinal);
        // or the bytes would say nothing of training
        Assert.Contains("Shipped:  fine-tuned", outcome.Output, StringComparison.Ordinal);
        return (await File.ReadAllBytesAsync(Path.Combine(run, "model.onnx")), Scores.Of(run));
    }
}
