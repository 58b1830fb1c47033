using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies: the networks that have a name, and those that were imported.</summary>
internal static class BodiesVerb
{
    public static Verb Create()
    {
        Verb verb = Complete(
            new(
                "bodies",
                "Lists the networks that --body can name. Any ONNX classifier of images can be a body too.",
                "graft bodies",
                "graft bodies --json",
                "graft bodies pull resnet18"
            )
        );
        verb.Subcommands.Add(
            Complete(new("list", "Lists the networks, as graft bodies alone does.", "graft bodies list"))
        );
        verb.Subcommands.Add(BodiesPullVerb.Create());
        verb.Subcommands.Add(BodiesAddVerb.Create());
        verb.Subcommands.Add(BodiesImportVerb.Create());
        return verb;
    }

    private static Verb Complete(Verb verb)
    {
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) => List(parsed.GetValue(json), terminal);
        return verb;
    }

    private static int List(bool isJson, Terminal terminal)
    {
        Row[] rows =
        [
            .. BodyStore.OfUser() is var store
                ? store.Cards().Select(Imported).Concat(NamedBodies.Entries.Select(entry => Named(store, entry)))
                : [],
        ];
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json => WriteJson(json, rows));
            return ExitCode.Done;
        }

        ResultTable table = new(
            ["body", "parameters", "multiply-adds", "features", "input", "weights", "licence"],
            [1, 2, 3]
        );
        foreach (Row row in rows)
        {
            table.Add(
                row.Name,
                $"{row.Parameters:N0}",
                $"{row.MultiplyAdds / 1e6:N0} M",
                $"{row.FeatureWidth:N0}",
                $"{row.Width} x {row.Height}",
                row.State,
                Printable.Text(row.Licence ?? "-")
            );
        }

        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine(
            "weights: 'pull' is fetched by graft bodies pull NAME; 'add' takes a file, by graft bodies add NAME FILE or --weights FILE. Counts of imported bodies are without their old head."
        );
        return ExitCode.Done;
    }

    private static Row Imported(StoredCard card) =>
        new(
            card.Name,
            card.Parameters,
            card.MultiplyAdds,
            card.FeatureWidth,
            card.Preprocessing.Width,
            card.Preprocessing.Height,
            "imported",
            card.Licence,
            card.Origin,
            null,
            card.SourceSha256
        );

    private static Row Named(BodyStore store, BodyEntry entry)
    {
        KnownWeights? weights = entry.Weights.Count > 0 ? entry.Weights[0] : null;
        BodyFacts facts = BodyFacts.Of(entry);
        string state =
            store.WeightsOf(entry) is not null ? "on disk"
            : entry.Weights.Any(w => w.Resource is not null) ? "part of Graft"
            : entry.DownloadableWeights is not null ? "pull"
            : "add";
        return new(
            entry.Name,
            entry.ParameterCount,
            facts.MultiplyAdds,
            facts.FeatureWidth,
            entry.Preprocessing.Width,
            entry.Preprocessing.Height,
            state,
            weights?.Licence,
            weights?.Publisher,
            weights?.Address,
            weights?.Sha256
        );
    }

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<Row> rows)
    {
        json.WriteStartArray();
        foreach (Row row in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteNumber("parameters", row.Parameters);
            json.WriteNumber("multiplyAdds", row.MultiplyAdds);
            json.WriteNumber("featureWidth", row.FeatureWidth);
            json.WriteNumber("inputSize", row.Width);
            json.WriteString("weights", row.State);
            json.WriteBoolean("isOnDisk", row.State is "on disk" or "part of Graft" or "imported");
            json.WriteBoolean("isEmbedded", row.State == "part of Graft");
            json.WriteString("licence", row.Licence);
            json.WriteString("origin", row.Origin);
            json.WriteString("address", row.Address);
            json.WriteString("sha256", row.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private sealed record Row(
        string Name,
        long Parameters,
        long MultiplyAdds,
        long FeatureWidth,
        int Width,
        int Height,
        string State,
        string? Licence,
        string? Origin,
        string? Address,
        string? Sha256
    );
}
