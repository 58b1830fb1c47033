using System.Globalization;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>This program as the worker of a repeated training: `graft work`.</summary>
internal static class WorkerProgram
{
    /// <summary>Workers that are started as this process was.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="options">The options of the training.</param>
    public static TrainingWorkers Of(int count, TrainingOptions options)
    {
        TrainingOptions each = options with { DecodeThreads = options.DecodeThreads / Math.Max(1, count) };
        return new(count, (store, shard) => new(Program, [.. First, .. WordsOf(store, shard, each)]));
    }

    private static string Program => Environment.ProcessPath ?? "dotnet";

    // `dotnet Graft.Cli.dll`
    private static string[] First =>
        Path.GetFileNameWithoutExtension(Program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static IEnumerable<string> WordsOf(string store, Shard shard, TrainingOptions options) =>
        [
            "work",
            store,
            "--shard",
            $"{shard}",
            "--quiet",
            "--decode-threads",
            $"{options.DecodeThreads}",
            "--checkpoint-minutes",
            options.CheckpointMinutes.ToString(CultureInfo.InvariantCulture),
            .. options.Cache.IsOn ? [] : (string[])["--no-cache"],
            .. options.Cache.LimitBytes is long limit ? ["--cache-limit", $"{limit}B"] : (string[])[],
        ];
}
