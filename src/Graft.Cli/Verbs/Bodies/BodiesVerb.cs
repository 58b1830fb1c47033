using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

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
        IReadOnlyList<BodyInfo> bodies = BodyCatalog.List();
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json => WriteJson(json, bodies));
            return ExitCode.Done;
        }

        ResultTable table = new(
            ["body", "parameters", "multiply-adds", "features", "input", "weights", "licence"],
            [1, 2, 3]
        );
        foreach (BodyInfo body in bodies)
        {
            table.Add(
                body.Name,
                $"{body.Parameters:N0}",
                $"{body.MultiplyAdds / 1e6:N0} M",
                $"{body.FeatureWidth:N0}",
                $"{body.InputWidth} x {body.InputHeight}",
                Words(body.Availability),
                Printable.Text(body.License ?? "-")
            );
        }

        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine(
            "weights: graft bodies pull NAME downloads 'pull'; 'add' needs a file: graft bodies add NAME FILE, or "
                + "--weights FILE. Imported bodies are counted without their old head."
        );
        return ExitCode.Done;
    }

    private static string Words(BodyAvailability availability) =>
        availability switch
        {
            BodyAvailability.Embedded => "part of Graft",
            BodyAvailability.OnDisk => "on disk",
            BodyAvailability.Imported => "imported",
            BodyAvailability.CanBePulled => "pull",
            _ => "add",
        };

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<BodyInfo> bodies)
    {
        json.WriteStartArray();
        foreach (BodyInfo body in bodies)
        {
            json.WriteStartObject();
            json.WriteString("name", body.Name);
            json.WriteNumber("parameters", body.Parameters);
            json.WriteNumber("multiplyAdds", body.MultiplyAdds);
            json.WriteNumber("featureWidth", body.FeatureWidth);
            json.WriteNumber("inputSize", body.InputWidth);
            json.WriteString("weights", Words(body.Availability));
            json.WriteBoolean("isOnDisk", body.IsReady);
            json.WriteBoolean("isEmbedded", body.Availability == BodyAvailability.Embedded);
            json.WriteString("licence", body.License);
            json.WriteString("origin", body.Origin);
            json.WriteString("address", body.Address);
            json.WriteString("sha256", body.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
