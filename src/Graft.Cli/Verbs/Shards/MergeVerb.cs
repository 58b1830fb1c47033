using System.CommandLine;
using System.Globalization;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft merge STORE: one file of all shards.</summary>
internal static class MergeVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "merge",
            "Makes one file of all shards that `graft extract` has put into a store, for --features-from of `train` "
                + "and `probe`. Its bytes do not depend on the number of shards. Refuses missing, torn and foreign "
                + "units by name.",
            "graft merge store",
            "graft merge /share/store --json"
        );
        Argument<string> store = new("STORE") { Description = "The folder that `graft extract` has filled" };
        Option<bool> mixed = StoreFlags.MixedMachines(
            "Merge shards of machines with different instruction sets; a model that is trained on them is not "
                + "reproducible to the bit"
        );
        Option<bool> json = Flag.Switch("--json", "Print the result as one JSON document");
        LoudnessFlags loudness = new();
        verb.Arguments.Add(store);
        Array.ForEach([mixed, .. loudness.All, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            MergedFeatures merged = ProgressView.Run(terminal, loudness.Read(parsed), progress =>
                FeatureShards.Merge(parsed.GetValue(store)!, parsed.GetValue(mixed), progress, cancel)
            );
            Write(merged, parsed.GetValue(json), terminal);
            return ExitCode.Done;
        };
        return verb;
    }

    private static void Write(MergedFeatures merged, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("file", merged.File);
                json.WriteNumber("rows", merged.Rows);
                json.WriteNumber("bytes", merged.Bytes);
                json.WriteString("sha256", merged.Sha256);
                json.WriteBoolean("reproducible", merged.IsReproducible);
                json.WriteEndObject();
            });
            return;
        }

        terminal.Output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{merged.Rows:N0} rows, {CacheFlags.Text(merged.Bytes)}, are in '{Printable.Text(merged.File)}'"
            )
        );
        terminal.Output.WriteLine($"SHA-256  {merged.Sha256}");
    }
}
