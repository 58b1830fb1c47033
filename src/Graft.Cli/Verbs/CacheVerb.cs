using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft cache: what is kept of frozen networks between runs.</summary>
internal static class CacheVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "cache",
            "Lists what frozen layers computed in earlier runs: by network and edge, with size and last use. "
                + "Later runs "
                + $"read it instead of computing it again. The variable {CacheOptions.Variable} names the folder.",
            "graft cache",
            "graft cache --json",
            "graft cache clear"
        );
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Options.Add(json);
        verb.Subcommands.Add(Clear());
        verb.Work = (parsed, terminal, _) => List(parsed.GetValue(json), terminal);
        return verb;
    }

    private static Verb Clear()
    {
        Verb verb = new("clear", "Empties the cache; the next run computes everything again.", "graft cache clear");
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            long freed = FeatureCache.Clear();
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("freedBytes", freed);
                    writer.WriteEndObject();
                });
            }
            else
            {
                terminal.Output.WriteLine(
                    freed == 0 ? "The cache is empty." : $"The cache is empty: {CacheFlags.Text(freed)} are free again."
                );
            }

            return ExitCode.Done;
        };
        return verb;
    }

    private static int List(bool isJson, Terminal terminal)
    {
        CacheContents contents = FeatureCache.List();
        if (isJson)
        {
            WriteJson(contents, terminal.Output);
            return ExitCode.Done;
        }

        if (contents.Entries.Count > 0)
        {
            ResultTable table = new(["network", "edge", "kept as", "rows", "size", "last use"], [3, 4]);
            foreach (CacheEntry entry in contents.Entries)
            {
                table.Add(
                    Printable.Text(entry.Body),
                    Printable.Text(entry.Edge),
                    Printable.Text(entry.Detail),
                    $"{entry.Rows:N0}",
                    CacheFlags.Text(entry.Bytes),
                    $"{entry.LastUse.ToLocalTime():yyyy-MM-dd HH:mm}"
                );
            }

            table.WriteTo(terminal.OutputConsole);
        }

        string held = CacheFlags.Text(contents.Bytes);
        string size =
            contents.Entries.Count == 0
                ? "is empty"
                : $"takes {held} of at most {CacheFlags.Text(contents.LimitBytes)}; graft cache clear empties it";
        terminal.Output.WriteLine($"{Printable.Text(contents.File)} {size}.");
        return ExitCode.Done;
    }

    private static void WriteJson(CacheContents contents, TextWriter output) => JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("file", contents.File);
            json.WriteNumber("bytes", contents.Bytes);
            json.WriteNumber("limitBytes", contents.LimitBytes);
            json.WriteStartArray("entries");
            foreach (CacheEntry entry in contents.Entries)
            {
                json.WriteStartObject();
                json.WriteString("network", entry.Body);
                json.WriteString("edge", entry.Edge);
                json.WriteString("keptAs", entry.Detail);
                json.WriteNumber("rows", entry.Rows);
                json.WriteNumber("bytes", entry.Bytes);
                json.WriteString("lastUse", entry.LastUse);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
}
