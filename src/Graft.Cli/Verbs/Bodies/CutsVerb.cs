using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft cuts BODY: where a network can be cut into a frozen and a trained part.</summary>
internal static class CutsVerb
{
    private const string SizeName = "--size";

    public static Verb Create()
    {
        Verb verb = new(
            "cuts",
            "Lists the cut points of a network, from its input to its output: the edges that alone carry all data past "
                + "them. --train and --features accept each of them; --train also accepts a share of the work, or a "
                + "block such as layer4.",
            "graft cuts tf_efficientnet_lite0",
            "graft cuts my-network.onnx --json"
        );
        Argument<string> body = new("BODY")
        {
            Description = "A name (see graft bodies), an ONNX file or the folder of a run",
        };
        Option<int?> size = Flag.NumberOrNone<int>(
            SizeName,
            "N",
            "The side of the input in pixels, 8 to 4096; by default the body's own"
        );
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(body);
        verb.Options.Add(size);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
            List(parsed.GetValue(body)!, parsed.GetValue(size), parsed.GetValue(json), terminal);
        return verb;
    }

    private static int List(string body, int? size, bool isJson, Terminal terminal)
    {
        if (size is < 8 or > 4096)
        {
            throw new UsageException($"'{SizeName}' cannot be {size}: it must lie between 8 and 4096");
        }

        BodyCuts cuts = BodyCatalog.Cuts(BodyName.Read(body) with { InputSize = size });
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json => WriteJson(json, body, cuts));
        }
        else
        {
            WriteTable(terminal, body, cuts);
        }

        return ExitCode.Done;
    }

    private static void WriteTable(Terminal terminal, string body, BodyCuts cuts)
    {
        ResultTable table = new(
            [
                "edge",
                "operator",
                "shape",
                "parameters before",
                "after",
                "multiply-adds before",
                "after",
                "share after",
                "cache / image",
            ],
            [3, 4, 5, 6, 7, 8]
        );
        foreach (BodyCut cut in cuts.Cuts)
        {
            table.Add(
                cut.Edge + (cut.Edge == cuts.FeatureEdge ? "  <- features" : ""),
                cut.Operator,
                string.Join(" x ", cut.Shape),
                $"{cut.ParametersBefore:N0}",
                $"{cut.ParametersAfter:N0}",
                Millions(cut.MultiplyAddsBefore),
                Millions(cut.MultiplyAddsAfter),
                $"{cut.ShareAfter:0.000}",
                Kilobytes(cut.CacheBytes)
            );
        }

        terminal.Output.WriteLine(
            $"{Printable.Text(body)}, input {string.Join(" x ", cuts.InputShape)}"
                + $"{(cuts.IsSizeAssumed ? $" (the file leaves the size open; {SizeName} sets it)" : "")}: "
                + $"{cuts.Cuts.Count} cut points"
        );
        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine(
            "share after: the part of the work that is trained if the cut is there (--train); "
                + "cache / image: one view's activation in 16 bit"
        );
    }

    private static void WriteJson(Utf8JsonWriter json, string body, BodyCuts cuts)
    {
        json.WriteStartObject();
        json.WriteString("body", body);
        JsonOutput.Numbers(json, "inputShape", cuts.InputShape);
        json.WriteBoolean("isSizeAssumed", cuts.IsSizeAssumed);
        json.WriteString("features", cuts.FeatureEdge);
        json.WriteStartArray("cuts");
        foreach (BodyCut cut in cuts.Cuts)
        {
            json.WriteStartObject();
            json.WriteString("edge", cut.Edge);
            json.WriteString("operator", cut.Operator);
            JsonOutput.Numbers(json, "shape", cut.Shape);
            json.WriteNumber("parametersBefore", cut.ParametersBefore);
            json.WriteNumber("parametersAfter", cut.ParametersAfter);
            json.WriteNumber("multiplyAddsBefore", cut.MultiplyAddsBefore);
            json.WriteNumber("multiplyAddsAfter", cut.MultiplyAddsAfter);
            json.WriteNumber("shareAfter", cut.ShareAfter);
            json.WriteNumber("cacheBytes", cut.CacheBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Millions(long count) => $"{count / 1e6:N1} M";

    private static string Kilobytes(long count) => $"{count / 1e3:N0} KB";
}
