using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies import FILE.onnx: anybody's network becomes a body with a name.</summary>
internal static class BodiesImportVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "import",
            "Makes a body of any ONNX classifier of images: finds its input, its normalisation and the edge where its head begins, says why, and stores it under a name for --body.",
            "graft bodies import network.onnx --input-recipe imagenet",
            "graft bodies import network.onnx --name flowers --input-recipe recipe.json --licence Apache-2.0"
        );
        Argument<string> file = new("FILE") { Description = "An .onnx file; its weights inside or in files beside it" };
        Option<string?> name = Flag.Text("--name", "NAME", "The name for --body [default: the file's]");
        Option<string?> recipe = Flag.Text(
            "--input-recipe",
            "RECIPE",
            $"What its images were normalised with: {InputTransform.Choices}; by default read off the network"
        );
        Option<string?> features = Flag.Text(
            "--features",
            "EDGE",
            "Where the body ends and its old head begins; found by itself (see graft cuts)"
        );
        Option<string?> licence = Flag.Text(
            "--licence",
            "TEXT",
            "Of its weights, for the cards of what is trained from it, such as Apache-2.0"
        );
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> replace = Flag.Switch("--replace", "Write over an imported body of the same name");
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(file);
        Array.ForEach<Option>([name, recipe, features, licence, limits, replace, json], verb.Options.Add);
        verb.Work = (parsed, terminal, _) =>
        {
            ImportedBody report = BodyImport.Run(
                BodyStore.OfUser(),
                parsed.GetValue(file)!,
                parsed.GetValue(name),
                parsed.GetValue(recipe),
                parsed.GetValue(features),
                parsed.GetValue(licence),
                parsed.GetValue(replace),
                LimitFlag.Read(parsed.GetValue(limits))
            );
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, writer => WriteJson(writer, report));
            }
            else
            {
                WriteText(terminal.Output, parsed.GetValue(file)!, report);
            }

            return ExitCode.Done;
        };
        return verb;
    }

    private static void WriteText(TextWriter output, string file, ImportedBody report)
    {
        ForeignBody body = report.Body;
        ImageInput input = body.Network.Input;
        Preprocessing recipe = body.Preprocessing;
        output.WriteLine(
            $"{Printable.Text(file)} is now the body '{report.Card.Name}' ({Printable.Text(report.Path)})"
        );
        Line(
            output,
            "input",
            $"'{Printable.Text(input.Edge)}', {input.Layout}, {input.Width} x {input.Height} pixels, {(input.IsBytes ? "bytes" : "float32")}, batch {(input.Batch is int batch ? $"fixed to {batch}, freed" : "free")}"
        );
        Line(
            output,
            "recipe",
            $"{body.PreprocessingReason}: (x - {Numbers(recipe.Mean)}) / {Numbers(recipe.Deviation)} of 0..255, {recipe.Order.ToString().ToUpperInvariant()}, resize {recipe.ResizeShorter}"
        );
        Line(
            output,
            "features",
            $"'{Printable.Text(body.Boundary.Edge)}', {string.Join(" x ", report.FeatureShape)}: {body.Boundary.Reason}"
        );
        Line(output, "parameters", $"{report.Card.Parameters:N0}");
        Line(output, "multiply-adds", $"{report.Card.MultiplyAdds / 1e6:N1} M an image");
        Line(output, "opset", $"{report.Opset}");
        foreach (string change in body.Network.Changes)
        {
            Line(output, "changed", change);
        }

        Line(output, "training", Training(report));
        output.WriteLine($"Use it: graft train FOLDER --body {report.Card.Name}");
    }

    private static string Training(ImportedBody report)
    {
        if (report.Untrainable.Count == 0)
        {
            return "possible from every cut point";
        }

        string operators = string.Join(
            ", ",
            report.Untrainable.Select(node => Printable.Text(node.Operator)).Distinct()
        );
        UntrainableNode last = report.Untrainable[^1];
        string which = $"{operators} cannot be trained (the last is '{Printable.Text(last.Node)}', {last.Reason})";
        return report.TrainableFrom is CutPoint cut
            ? $"possible from '{Printable.Text(cut.Edge)}' on ({cut.ShareAfter:P0} of the cost): {which}"
            : $"of the head alone: {which}";
    }

    private static void Line(TextWriter output, string what, string text) => output.WriteLine($"  {what, -14}{text}");

    private static string Numbers(PerChannel value) =>
        value.Red == value.Green && value.Green == value.Blue
            ? $"{value.Red:0.###}"
            : $"({value.Red:0.###}, {value.Green:0.###}, {value.Blue:0.###})";

    private static void WriteJson(Utf8JsonWriter json, ImportedBody report)
    {
        ForeignBody body = report.Body;
        json.WriteStartObject();
        json.WriteString("name", report.Card.Name);
        json.WriteString("path", report.Path);
        json.WriteString("input", body.Network.Input.Edge);
        json.WriteString("layout", body.Network.Input.IsChannelsLast ? "nhwc" : "nchw");
        JsonOutput.Numbers(json, "inputShape", body.InputShape);
        json.WriteString("recipe", body.PreprocessingReason);
        json.WriteString("features", body.Boundary.Edge);
        json.WriteString("featuresWhy", body.Boundary.Reason);
        JsonOutput.Numbers(json, "featureShape", report.FeatureShape);
        json.WriteNumber("parameters", report.Card.Parameters);
        json.WriteNumber("multiplyAdds", report.Card.MultiplyAdds);
        json.WriteNumber("opset", report.Opset);
        json.WriteString("trainableFrom", report.TrainableFrom?.Edge);
        json.WriteStartArray("untrainable");
        foreach (UntrainableNode node in report.Untrainable)
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
