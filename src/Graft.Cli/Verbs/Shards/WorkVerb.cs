using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft work STORE: a share of planned trainings.</summary>
internal static class WorkVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "work",
            "Does a share of the trainings that `graft plan` has planned. A training that is there already is checked "
                + "and kept, so a scheduler may start it again at any time. Exit code 75 means that the same command "
                + "may succeed later.",
            "graft work store",
            "graft work store --shard 0/4",
            "graft work /share/store --shard auto"
        );
        Argument<string> store = new("STORE") { Description = "The folder in which `graft plan` has planned" };
        Option<string?> shard = ShardFlags.ShardOption("Share of the trainings", "all trainings");
        Option<int?> count = ShardFlags.CountOption();
        Option<bool> mixed = StoreFlags.MixedMachines(
            "Work on a machine with another instruction set than the one that planned; its models have other bits"
        );
        CacheFlags cache = new();
        Option<int> decodeThreads = TrainingFlags.DecodeThreads();
        Option<double> checkpointMinutes = TrainingFlags.CheckpointMinutes();
        Option<bool> json = Flag.Switch("--json", "Print the result as one JSON document");
        LoudnessFlags loudness = new();
        verb.Arguments.Add(store);
        Array.ForEach(
            [shard, count, mixed, decodeThreads, checkpointMinutes, .. cache.All, .. loudness.All, json],
            verb.Options.Add
        );
        verb.Work = (parsed, terminal, cancel) =>
        {
            UnitOptions options = new()
            {
                Shard = ShardFlags.ShardOf(parsed.GetValue(shard), parsed.GetValue(count)),
                MixedMachines = parsed.GetValue(mixed),
                DecodeThreads = parsed.GetValue(decodeThreads),
                CheckpointMinutes = parsed.GetValue(checkpointMinutes),
                Cache = cache.Read(parsed),
                MemoryPolicy = MemoryPolicy.ManageProcess,
            };
            ShardResult result = ProgressView.Run(terminal, loudness.Read(parsed), progress =>
                TrainingUnits.Work(parsed.GetValue(store)!, options, progress, cancel)
            );
            ShardFlags.Write(result, parsed.GetValue(store)!, "trainings", parsed.GetValue(json), terminal);
            return ExitCode.Done;
        };
        return verb;
    }
}
