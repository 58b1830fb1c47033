using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft cuts BODY: where a network can be cut into a frozen and a trained part.</summary>
internal static class CutsVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "cuts",
            "Lists the cut points of a network, from its input to its output: the edges that alone carry all data past them. Each can be given to --train or --features; --train also takes a share of the work, or a block such as layer4.",
            "graft cuts tf_efficientnet_lite0",
            "graft cuts my-network.onnx --json"
        );
        Argument<string> body = new("BODY") { Description = "A name (see graft bodies) or an ONNX file" };
        Option<int?> size = Flag.NumberOrNone<int>(
            "--size",
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
            throw new UsageException($"'--size' cannot be {size}: it must lie between 8 and 4096");
        }

        BodyName.Check(body);
        BodyStore store = BodyStore.OfUser();
        (OnnxModel model, long[] shape, string? features) =
            BodyName.IsFile(body) ? FromFile(body, size)
            : store.Has(body) ? Imported(store, body, size)
            : Named(body, size);
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(model, shape);
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json => WriteJson(json, body, shape, features, cuts));
        }
        else
        {
            WriteTable(terminal, body, shape, features, cuts);
        }

        return ExitCode.Done;
    }

    // Costs and shapes do not depend on the weights' values, so the network is built without them.
    private static (OnnxModel Model, long[] Shape, string? Features) Named(string name, int? size)
    {
        BodyEntry entry = NamedBodies.Find(name);
        int side = size ?? entry.InputSize;
        BuiltNetwork network = entry.Architecture.Build(side);
        foreach (TensorProto parameter in network.Parameters)
        {
            long count = TensorValues.ElementCount(parameter, parameter.Name);
            parameter.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[checked(count * sizeof(float))]);
        }

        return (network.Model, [3, side, side], network.FeatureEdge);
    }

    private static (OnnxModel Model, long[] Shape, string? Features) FromFile(string path, int? size)
    {
        ImportedNetwork network = OnnxImport.Read(path, size: size is int side ? new ImageSize(side, side) : null);
        bool isOther = size is not null && (network.Input.Height != size || network.Input.Width != size);
        return isOther
            ? throw new UsageException(
                $"'--size' cannot be {size}: the network takes {network.Input.Width} x {network.Input.Height} pixels and no others"
            )
            : (network.Model, network.InputShape, Boundary(network.Model, network.InputShape));
    }

    private static (OnnxModel Model, long[] Shape, string? Features) Imported(BodyStore store, string name, int? size)
    {
        TrainableBody body = store.Load(name, features: null);
        return size is null || (size == body.Preprocessing.Width && size == body.Preprocessing.Height)
            ? (body.Model, body.InputShape, body.Boundary.Edge)
            : throw new UsageException(
                $"'--size' cannot be {size}: '{name}' was imported for {body.Preprocessing.Width} x {body.Preprocessing.Height} pixels"
            );
    }

    // A network without a classifier has cut points all the same.
    private static string? Boundary(OnnxModel model, long[] shape)
    {
        try
        {
            return FeatureBoundary.Find(model, shape).Edge;
        }
        catch (OnnxException)
        {
            return null;
        }
    }

    private static void WriteTable(
        Terminal terminal,
        string body,
        long[] shape,
        string? features,
        IReadOnlyList<CutPoint> cuts
    )
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
        foreach (CutPoint cut in cuts)
        {
            table.Add(
                cut.Edge + (cut.Edge == features ? "  <- features" : ""),
                cut.Operator,
                string.Join(" x ", cut.Shape),
                $"{cut.ParametersBefore:N0}",
                $"{cut.ParametersAfter:N0}",
                Millions(cut.MultiplyAddsBefore),
                Millions(cut.MultiplyAddsAfter),
                $"{cut.ShareAfter:0.000}",
                Kilobytes(CacheBytes(cut))
            );
        }

        terminal.Output.WriteLine(
            $"{Printable.Text(body)}, input {string.Join(" x ", shape)}: {cuts.Count} cut points"
        );
        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine(
            "share after: the part of the work that is trained when the cut is there (--train); cache / image: one view's activation in 16 bit"
        );
    }

    private static void WriteJson(
        Utf8JsonWriter json,
        string body,
        long[] shape,
        string? features,
        IReadOnlyList<CutPoint> cuts
    )
    {
        json.WriteStartObject();
        json.WriteString("body", body);
        JsonOutput.Numbers(json, "inputShape", shape);
        json.WriteString("features", features);
        json.WriteStartArray("cuts");
        foreach (CutPoint cut in cuts)
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
            json.WriteNumber("cacheBytes", CacheBytes(cut));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long CacheBytes(CutPoint cut) => cut.ElementCount * sizeof(ushort);

    private static string Millions(long count) => $"{count / 1e6:N1} M";

    private static string Kilobytes(long count) => $"{count / 1e3:N0} KB";
}
