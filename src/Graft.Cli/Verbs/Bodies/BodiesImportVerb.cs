using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies import FILE.onnx: anybody's network becomes a body with a name.</summary>
internal static class BodiesImportVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "import",
            "Makes a body of an ONNX image classifier. Finds its input, its normalisation and the edge where its head "
                + "begins, says why, and stores it under a name for --body.",
            "graft bodies import network.onnx --input-recipe imagenet",
            "graft bodies import network.onnx --name flowers --input-recipe recipe.json --licence Apache-2.0"
        );
        Argument<string> file = new("FILE") { Description = "An .onnx file; its weights inside or in files beside it" };
        Option<string?> name = Flag.Text("--name", "NAME", "The name for --body [default: the file's]");
        Option<string?> transform = Recipe();
        Option<string?> features = Flag.Text(
            "--features",
            "EDGE",
            "Edge where the body ends and its old head begins; by default Graft finds it (see graft cuts)"
        );
        Option<string?> licence = Flag.Text(
            "--licence",
            "TEXT",
            "Licence of its weights, such as Apache-2.0, for the cards of the models trained from it"
        );
        Option<string[]> limits = LimitFlag.Create(LimitFlag.OfModels);
        Option<bool> replace = Flag.Switch("--replace", "Replace an imported body of the same name");
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(file);
        Array.ForEach<Option>([name, transform, features, licence, limits, replace, json], verb.Options.Add);
        verb.Work = (parsed, terminal, _) =>
        {
            ImportReport report = BodyCatalog.Import(
                ModelFile.Of(parsed.GetValue(file)!),
                new()
                {
                    Name = parsed.GetValue(name),
                    InputTransform = parsed.GetValue(transform),
                    FeatureEdge = parsed.GetValue(features),
                    License = parsed.GetValue(licence),
                    Replace = parsed.GetValue(replace),
                    Limits = LimitFlag.Read(parsed.GetValue(limits), names: LimitFlag.OfModels),
                }
            );
            return Show(parsed.GetValue(file)!, report, parsed.GetValue(json), terminal);
        };
        return verb;
    }

    private static int Show(string file, ImportReport report, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, writer => WriteJson(writer, report));
        }
        else
        {
            WriteText(terminal.Output, file, report);
        }

        return ExitCode.Done;
    }

    private static Option<string?> Recipe() =>
        Flag.Text(
            "--input-recipe",
            "RECIPE",
            "How its images were prepared: imagenet (usual in torchvision and timm: (x/255 - mean) / std of ImageNet); "
                + "half (-1 to 1, usual in TensorFlow); caffe (blue, green, red, less their means; VGG and ResNet in "
                + "Keras); raw (0 to 255: the network normalises by itself); zero-to-one (x/255); or a JSON file with "
                + "size, mean, std, order and layout; by default it is read from the network"
        );

    private static void WriteText(TextWriter output, string file, ImportReport report)
    {
        Preprocessing preparation = report.Preprocessing;
        int channels = report.IsGrey ? 1 : 3;
        string layout = report.IsChannelsLast ? $"N x H x W x {channels}" : $"N x {channels} x H x W";
        string batch = report.FixedBatch is int size ? $"fixed to {size}, freed" : "free";
        output.WriteLine($"{Printable.Text(file)} is now the body '{report.Name}' ({Printable.Text(report.Path)})");
        Line(
            output,
            "input",
            $"'{Printable.Text(report.InputEdge)}', {layout}, {report.InputShape[2]} x {report.InputShape[1]} pixels, "
                + $"{(report.TakesBytes ? "bytes" : "float32")}, batch {batch}"
        );
        Line(
            output,
            "recipe",
            $"{report.PreprocessingReason}: (x - {Numbers(preparation.Mean)}) / {Numbers(preparation.Deviation)} of "
                + $"0..255, {preparation.Order.ToString().ToUpperInvariant()}, "
                + (preparation.Resize == ResizeRule.Squash ? "squashed" : $"resize {preparation.ResizeShorter}")
        );
        Line(
            output,
            "features",
            $"'{Printable.Text(report.FeatureEdge)}', {string.Join(" x ", report.FeatureShape)}: {report.FeatureReason}"
        );
        Line(output, "parameters", $"{report.Parameters:N0}");
        Line(output, "multiply-adds", $"{report.MultiplyAdds / 1e6:N1} M an image");
        Line(output, "opset", $"{report.Opset}");
        foreach (string change in report.Changes)
        {
            Line(output, "changed", change);
        }

        Line(output, "training", Training(report));
        output.WriteLine($"Use it: {Invocation.Line("train", "FOLDER", "--body", report.Name)}");
    }

    private static string Training(ImportReport report)
    {
        if (report.Untrainable.Count == 0)
        {
            return "possible from every cut point";
        }

        string operators = string.Join(
            ", ",
            report.Untrainable.Select(node => Printable.Text(node.Operator)).Distinct()
        );
        UntrainableOperator last = report.Untrainable[^1];
        string which = $"{operators} cannot be trained (the last is '{Printable.Text(last.Node)}', {last.Reason})";
        return report.TrainableFrom is BodyCut cut
            ? $"possible from '{Printable.Text(cut.Edge)}' on ({cut.ShareAfter:P0} of the cost): {which}"
            : $"of the head alone: {which}";
    }

    private static void Line(TextWriter output, string what, string text) => output.WriteLine($"  {what,-14}{text}");

    private static string Numbers(PerChannel value) =>
        value.Red == value.Green && value.Green == value.Blue
            ? $"{value.Red:0.###}"
            : $"({value.Red:0.###}, {value.Green:0.###}, {value.Blue:0.###})";

    private static void WriteJson(Utf8JsonWriter json, ImportReport report)
    {
        json.WriteStartObject();
        json.WriteString("name", report.Name);
        json.WriteString("path", report.Path);
        json.WriteString("input", report.InputEdge);
        json.WriteString("layout", report.IsChannelsLast ? "nhwc" : "nchw");
        JsonOutput.Numbers(json, "inputShape", report.InputShape);
        json.WriteString("recipe", report.PreprocessingReason);
        json.WriteString("features", report.FeatureEdge);
        json.WriteString("featuresWhy", report.FeatureReason);
        JsonOutput.Numbers(json, "featureShape", report.FeatureShape);
        json.WriteNumber("parameters", report.Parameters);
        json.WriteNumber("multiplyAdds", report.MultiplyAdds);
        json.WriteNumber("opset", report.Opset);
        json.WriteString("trainableFrom", report.TrainableFrom?.Edge);
        json.WriteStartArray("untrainable");
        foreach (UntrainableOperator node in report.Untrainable)
        {
            json.WriteStartObject();
            json.WriteString("node", node.Node);
            json.WriteString("operator", node.Operator);
            json.WriteString("reason", node.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
