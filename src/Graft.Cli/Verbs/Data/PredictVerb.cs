using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Cli.Verbs;

/// <summary>graft predict MODEL FILES…</summary>
internal static class PredictVerb
{
    private const int MostShown = 10_000;

    public static Verb Create()
    {
        Verb verb = new(
            "predict",
            "Classifies image files with a model that Graft has trained. Names a file that cannot be used on standard "
                + "error, and classifies the others.",
            "graft predict runs/photos/model.onnx a.jpg b.png",
            "graft predict runs/photos inbox --json --top 5"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Argument<string[]> files = new("FILES")
        {
            Description = "Images, or folders of images",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int> top = Flag.Number("--top", "N", "Classes to show for each image, the most probable first", 3);
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one a core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(model);
        verb.Arguments.Add(files);
        verb.Options.Add(top);
        verb.Options.Add(threads);
        verb.Options.Add(limits);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, cancel) =>
        {
            int shown = parsed.GetValue(top) is > 0 and <= MostShown and int given
                ? given
                : throw new UsageException(
                    $"'--top' cannot be {parsed.GetValue(top)}: it must lie between 1 and {MostShown}"
                );
            using Predictor predictor = Predictor.Load(
                ModelFile.Of(parsed.GetValue(model)!),
                new()
                {
                    Threads = Flag.ThreadCount(parsed.GetValue(threads)),
                    Limits = LimitFlag.Read(parsed.GetValue(limits)),
                }
            );
            IEnumerable<PredictionResult> results = predictor.PredictMany(
                parsed.GetValue(files)!.SelectMany(Expand),
                cancel
            );
            return parsed.GetValue(json) ? WriteJson(results, shown, terminal) : WriteLines(results, shown, terminal);
        };
        return verb;
    }

    // A folder stands for the files directly in it.
    private static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            string[] files =
            [
                .. Directory
                    .EnumerateFiles(path)
                    .Where(file => Path.GetFileName(file)[0] != '.')
                    .Order(StringComparer.Ordinal),
            ];
            return files.Length > 0
                ? files
                : throw new GraftException(
                    $"'{Printable.Text(path)}' cannot be used: there are no files in it; name a folder of images"
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it may not be read; check its permissions",
                error
            );
        }
    }

    private static int WriteLines(IEnumerable<PredictionResult> results, int top, Terminal terminal)
    {
        int failures = 0;
        ResultTable table = new(["image", "label", "probability", "then"], [2]);
        foreach (PredictionResult result in results)
        {
            if (result.Prediction is not { } prediction)
            {
                failures++;
                WriteFailure(result, terminal);
                continue;
            }

            IEnumerable<string> others = prediction
                .Scores.Skip(1)
                .Take(top - 1)
                .Select(score => $"{Printable.Text(score.Label)} {score.Probability:0.000}");
            table.Add(
                Printable.Text(result.Path),
                Printable.Text(prediction.Label) + Doubts(prediction),
                $"{prediction.Probability:0.000}",
                string.Join(", ", others)
            );
        }

        if (table.RowCount > 0)
        {
            table.WriteTo(terminal.OutputConsole);
        }

        return failures == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    private static string Doubts(Prediction.ImagePrediction prediction) =>
        (prediction.IsSure, prediction.IsFamiliar) switch
        {
            (true, true) => "",
            (false, true) => " (unsure)",
            (true, false) => " (unlike anything it was trained on)",
            _ => " (unsure; unlike anything it was trained on)",
        };

    private static int WriteJson(IEnumerable<PredictionResult> results, int top, Terminal terminal)
    {
        int failures = 0;
        PredictionResult[] all = [.. results]; // first: an error in the middle must not leave half a document
        JsonOutput.Write(terminal.Output, json =>
        {
            json.WriteStartArray();
            foreach (PredictionResult result in all)
            {
                json.WriteStartObject();
                json.WriteString("path", result.Path);
                if (result.Prediction is { } prediction)
                {
                    JsonOutput.Prediction(json, prediction, top);
                }
                else
                {
                    failures++;
                    json.WriteString("error", result.Failure);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        Array.ForEach([.. all.Where(result => result.Prediction is null)], result => WriteFailure(result, terminal));
        return failures == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    private static void WriteFailure(PredictionResult result, Terminal terminal) =>
        terminal.Error.WriteLine($"graft: '{Printable.Text(result.Path)}' cannot be used: {result.Failure}");
}
