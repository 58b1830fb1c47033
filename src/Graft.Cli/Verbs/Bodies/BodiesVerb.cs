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
                "graft bodies --measure",
                "graft bodies recommend --budget-ms 30",
                "graft bodies pull resnet18"
            )
        );
        verb.Subcommands.Add(
            Complete(new("list", "Lists the networks, as graft bodies alone does.", "graft bodies list"))
        );
        verb.Subcommands.Add(BodiesRecommendVerb.Create());
        verb.Subcommands.Add(BodiesPullVerb.Create());
        verb.Subcommands.Add(BodiesAddVerb.Create());
        verb.Subcommands.Add(BodiesImportVerb.Create());
        return verb;
    }

    private static Verb Complete(Verb verb)
    {
        Option<bool> measure = Flag.Switch(
            "--measure",
            "Measure how many images a second each named network takes here, one at a time (about a minute)"
        );
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        LoudnessFlags loudness = new();
        Array.ForEach([measure, .. loudness.All, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            IReadOnlyList<BodyInfo> bodies = BodyCatalog.List();
            IReadOnlyDictionary<string, double>? speeds = parsed.GetValue(measure)
                ? Measure(bodies, loudness.Read(parsed), terminal, cancel)
                : null;
            return List(bodies, speeds, parsed.GetValue(json), terminal);
        };
        return verb;
    }

    private static int List(
        IReadOnlyList<BodyInfo> bodies,
        IReadOnlyDictionary<string, double>? speeds,
        bool isJson,
        Terminal terminal
    )
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json => WriteJson(json, bodies, speeds));
            return ExitCode.Done;
        }

        string[] headings = ["body", "parameters", "multiply-adds", "features", "input", "weights", "licence"];
        ResultTable table = new(speeds is not null ? [.. headings, "images/s"] : headings, [1, 2, 3, headings.Length]);
        foreach (BodyInfo body in bodies)
        {
            string[] cells =
            [
                body.Name,
                $"{body.Parameters:N0}",
                $"{body.MultiplyAdds / 1e6:N0} M",
                $"{body.FeatureWidth:N0}",
                $"{body.InputWidth} x {body.InputHeight}",
                Words(body.Availability),
                Printable.Text(body.License ?? "not stated"),
            ];
            table.Add(speeds is null ? cells : [.. cells, Speed(speeds, body)]);
        }

        table.WriteTo(terminal.OutputConsole);
        terminal.Output.WriteLine(
            "weights: graft bodies pull NAME downloads 'pull'; 'add' needs a file: graft bodies add NAME FILE, or "
                + "--weights FILE. Imported bodies are counted without their old head."
        );
        terminal.Output.WriteLine(
            "Any ONNX file works as --body FILE.onnx. One is in the NuGet package "
                + "Microsoft.ML.DnnImageFeaturizer.ResNet18: tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx."
        );
        string standard = new TrainingOptions().Body.Text;
        terminal.Output.WriteLine(
            $"{standard} is the default, and another name of {BodyCatalog.Find(standard)!.Name}; Graft uses it at "
                + "288 x 288. The table has the size and the work of the pretraining."
        );
        WriteAuthors(bodies, terminal.Output);
        return ExitCode.Done;
    }

    // Imported bodies have weights of their own, and are measured by their predictions.
    private static Dictionary<string, double> Measure(
        IReadOnlyList<BodyInfo> bodies,
        Loudness loudness,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        BodyInfo[] named = [.. bodies.Where(body => body.Availability != BodyAvailability.Imported)];
        return ProgressView.Run(terminal, loudness, progress =>
        {
            Dictionary<string, double> speeds = [];
            foreach (BodyInfo body in named)
            {
                speeds[body.Name] = 1 / BodyCatalog.MeasureTime(body.Name, cancel: cancel).TotalSeconds;
                progress.Report(new Progressed("measure", speeds.Count, named.Length, "bodies", 0, TimeSpan.Zero));
            }

            return speeds;
        });
    }

    private static string Speed(IReadOnlyDictionary<string, double> speeds, BodyInfo body) =>
        speeds.TryGetValue(body.Name, out double speed) ? $"{speed:N1}" : "-";

    // Licences such as CC BY 4.0 ask that the authors are named wherever the weights are.
    private static void WriteAuthors(IReadOnlyList<BodyInfo> bodies, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Weights that came with Graft:");
        foreach (
            BodyInfo body in bodies.Where(body =>
                body.Availability is BodyAvailability.Embedded or BodyAvailability.Packaged
            )
        )
        {
            output.WriteLine($"  {body.Name}, {body.License}: {body.Origin}");
        }
    }

    /// <summary>Where the weights are, in a word.</summary>
    public static string Words(BodyAvailability availability) =>
        availability switch
        {
            BodyAvailability.Embedded or BodyAvailability.Packaged => "here",
            BodyAvailability.OnDisk => "on disk",
            BodyAvailability.Imported => "imported",
            BodyAvailability.CanBePulled => "pull",
            _ => "add",
        };

    private static void WriteJson(
        Utf8JsonWriter json,
        IReadOnlyList<BodyInfo> bodies,
        IReadOnlyDictionary<string, double>? speeds
    )
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
            json.WriteString("page", body.WeightsPage);
            json.WriteString("sha256", body.Sha256);
            WriteAccuracy(json, body);
            if (speeds is not null && speeds.TryGetValue(body.Name, out double speed))
            {
                json.WriteNumber("imagesPerSecond", speed);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The published accuracy; null where none is known.</summary>
    public static void WriteAccuracy(Utf8JsonWriter json, BodyInfo body)
    {
        if (body.ImageNetAccuracy is double accuracy)
        {
            json.WriteNumber("imageNetAccuracy", accuracy);
        }
        else
        {
            json.WriteNull("imageNetAccuracy");
        }

        json.WriteString("accuracySource", body.AccuracySource);
    }
}
