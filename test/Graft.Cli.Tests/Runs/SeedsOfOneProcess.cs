using System.Diagnostics;
using Graft.Infrastructure;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>Three trainings of a second each, and what one process makes of them.</summary>
public sealed class SeedsOfOneProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8); // seconds alone
    private static readonly string[] s_files =
    [
        "doctor.json",
        "model.json",
        "model.onnx",
        "predictions.csv",
        "split.csv",
    ];
    private readonly ToyWorld _world = new(12);
    private readonly Lazy<Task<string>> _run;

    public SeedsOfOneProcess() => _run = new(Train);

    public string Images => _world.Images;

    /// <summary>A command line with the options of the trainings.</summary>
    public string[] TrainingOf(string verb, int threads = 1) =>
        [
            verb,
            Images,
            "--body",
            _world.BodyPath,
            "--input-recipe",
            "imagenet",
            "--views",
            "1",
            "--train",
            "0.6",
            "--epochs",
            "4",
            "--body-rate",
            "0.1",
            "--batch",
            "8",
            "--threads",
            $"{threads}",
            "--seeds",
            "3",
        ];

    public void Dispose() => _world.Dispose();

    /// <summary>Runs the program.</summary>
    internal static Task<Outcome> Start(string[] args, string? fault = null, Action<Process, string>? onLine = null) =>
        StartIn(args, fault is null ? [] : new() { [FaultPoint.Variable] = fault }, onLine);

    /// <summary>Runs the program as on a machine with another number of cores.</summary>
    internal static Task<Outcome> StartWithCores(int cores, params string[] args) =>
        StartIn(args, new() { ["DOTNET_PROCESSOR_COUNT"] = $"{cores}" }, null);

    private static Task<Outcome> StartIn(
        string[] args,
        Dictionary<string, string> environment,
        Action<Process, string>? onLine
    ) => CliProcess.Run(AppContext.BaseDirectory, args, s_patience, onLine, environment);

    /// <summary>True where a folder holds what one process has made, byte by byte, but for times.</summary>
    /// <param name="areWorkingFoldersEqual">False: options.json names another working folder.</param>
    internal async Task AssertSame(string folder, bool areWorkingFoldersEqual = true)
    {
        string run = await _run.Value;
        AssertSame(run, folder, "seeds.json");
        AssertSame(run, folder, "model.onnx");
        AssertSame(run, folder, "model.json");
        foreach (string seed in (string[])["seed-1", "seed-2", "seed-3"])
        {
            string[] files = areWorkingFoldersEqual ? [.. s_files, "options.json"] : s_files;
            Assert.All(files, file => AssertSame(run, folder, Path.Combine(seed, file)));
            Assert.Equal(Scores.Of(Path.Combine(run, seed)), Scores.Of(Path.Combine(folder, seed)));
        }

        Assert.Equal(Names(run), Names(folder));
    }

    private static void AssertSame(string run, string folder, string file) =>
        Assert.True(
            File.ReadAllBytes(Path.Combine(run, file)).SequenceEqual(File.ReadAllBytes(Path.Combine(folder, file))),
            $"{file} differs"
        );

    private static IEnumerable<string> Names(string folder) =>
        Directory
            .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal);

    private async Task<string> Train()
    {
        string run = _world.Run("plain");
        Outcome outcome = await Start([.. TrainingOf("train"), "--out", run]);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        // or the bytes would say nothing of training
        Assert.Contains("fine-tune", outcome.Progress, StringComparison.Ordinal);
        return run;
    }
}
