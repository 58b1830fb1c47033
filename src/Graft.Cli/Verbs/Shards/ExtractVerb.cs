using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft extract FOLDER --out STORE: one shard of the features of a training.</summary>
internal static class ExtractVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "extract",
            "Extracts the features and activations of a training, or a shard of them, into a folder that all shards "
                + "share. Takes the options of the training to come. What is there already is checked and kept, so a "
                + "scheduler may start it again at any time. Exit code 75 means that the same command may succeed "
                + "later.",
            "graft extract photos --out store",
            "graft extract photos --shard 0/4 --out store",
            "graft extract photos --shard auto --shards 8 --body resnet50 --out /share/store"
        );
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        TrainingFlags choices = new(isTuning: true, isExtracting: true);
        ShardFlags shards = new();
        Option<string?> store = Flag.Text("--out", "STORE", "Folder of the store, which all shards share");
        store.Required = true;
        Option<bool> json = Flag.Switch("--json", "Print the result as one JSON document");
        LoudnessFlags loudness = new();
        verb.Arguments.Add(folder);
        choices.AddTo(verb);
        Array.ForEach([.. shards.All, store, .. loudness.All, json], verb.Options.Add);
        verb.Check = parsed => choices.Read(parsed);
        verb.Work = (parsed, terminal, cancel) =>
        {
            string images = parsed.GetValue(folder)!;
            ShardOptions options = shards.Read(parsed, choices.Read(parsed));
            ImageSource.Require(images);
            ShardResult result = ProgressView.Run(terminal, loudness.Read(parsed), progress =>
                FeatureShards.Extract(images, parsed.GetValue(store)!, options, progress, cancel)
            );
            ShardFlags.Write(result, parsed.GetValue(store)!, "units", parsed.GetValue(json), terminal);
            return ExitCode.Done;
        };
        return verb;
    }
}
