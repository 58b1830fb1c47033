using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies: the networks that have a name.</summary>
internal static class BodiesVerb
{
    public static Verb Create()
    {
        Verb verb = new("bodies", "Lists the networks that --body can name. Any ONNX classifier of images can be a body too.", "graft bodies", "graft bodies --json");
        Option<bool> json = Choices.Switch("--json", "Print one JSON document");
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) => List(parsed.GetValue(json), terminal);
        return verb;
    }

    private static int List(bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, WriteJson);
            return ExitCode.Done;
        }

        ResultTable table = new(["body", "parameters", "input", "weights", "licence"], [1, 2]);
        foreach (BodyEntry entry in BodyCatalog.Entries)
        {
            KnownWeights? weights = entry.Weights.Count > 0 ? entry.Weights[0] : null;
            table.Add(entry.Name, $"{entry.ParameterCount:N0}", $"{entry.InputSize} x {entry.InputSize}", Source(weights), weights?.Licence ?? "-");
        }

        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine("Those with weights to fetch take their file by --weights FILE; the address is in graft bodies --json.");
        return ExitCode.Done;
    }

    private static string Source(KnownWeights? weights) =>
        weights is null ? "by --weights" : weights.Resource is not null ? "part of Graft" : weights.Address is not null ? "to fetch" : "by --weights";

    private static void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (BodyEntry entry in BodyCatalog.Entries)
        {
            KnownWeights? weights = entry.Weights.Count > 0 ? entry.Weights[0] : null;
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteNumber("parameters", entry.ParameterCount);
            json.WriteNumber("inputSize", entry.InputSize);
            json.WriteBoolean("isEmbedded", weights?.Resource is not null);
            json.WriteString("licence", weights?.Licence);
            json.WriteString("origin", weights?.Publisher);
            json.WriteString("address", weights?.Address);
            json.WriteString("sha256", weights?.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
