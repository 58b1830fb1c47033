using System.CommandLine;
using Graft.Cli.Views;
using Graft.Imaging;
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
            "Classifies image files with a model that Graft has trained. Files that cannot be used are named on "
                + "standard error.",
            "graft predict runs/photos/model.onnx a.jpg b.png",
            "graft predict runs/photos inbox --json --top 5",
            "graft predict runs/photos \"inbox/**/*.jpg\""
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Argument<string[]> files = Files();
        Option<int> top = Flag.Number("--top", "N", "Number of classes to show for each image", 3);
        Option<bool> recursive = Flag.Switch(
            "--recursive",
            "Include the images in subfolders, at any depth; the default"
        );
        Option<bool> flat = Flag.Switch("--no-recursive", "Use only the images directly in a folder");
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(model);
        verb.Arguments.Add(files);
        Array.ForEach<Option>([top, recursive, flat, threads, limits, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            int shown = Shown(parsed.GetValue(top));
            Limits kept = LimitFlag.Read(parsed.GetValue(limits));
            ImageFolderOptions walk = Walk(parsed.GetValue(recursive), parsed.GetValue(flat), kept);
            using Predictor predictor = Predictor.Load(
                ModelFile.Of(parsed.GetValue(model)!),
                new() { Threads = Flag.ThreadCount(parsed.GetValue(threads)), Limits = kept }
            );
            PredictInputs inputs = new(walk, kept.Image, terminal.Input);
            Array.ForEach(parsed.GetValue(files)!, inputs.Add);
            inputs.Notes.ToList().ForEach(note => terminal.Error.WriteLine($"graft: {note}"));
            IEnumerable<PredictionResult> results = predictor
                .PredictManyAsync(inputs.Images, cancel)
                .ToBlockingEnumerable(cancel);
            bool areSets = predictor.Card.Task == ClassificationTask.MultiLabel;
            return parsed.GetValue(json)
                ? WriteJson(results, shown, areSets, terminal)
                : WriteLines(results, shown, areSets, terminal);
        };
        return verb;
    }

    private static Argument<string[]> Files() =>
        new("FILES")
        {
            Description =
                "Images, folders of images, patterns such as *.jpg and **/*.png, or - for one image from standard "
                + "input. Folders skip what training skips: hidden files, files that are no images, and those in "
                + "ignore.txt",
            Arity = ArgumentArity.OneOrMore,
        };

    private static int Shown(int top) =>
        top is > 0 and <= MostShown
            ? top
            : throw new UsageException($"'--top' cannot be {top}: it must lie between 1 and {MostShown}");

    private static ImageFolderOptions Walk(bool isDeep, bool isFlat, Limits limits) =>
        isDeep && isFlat
            ? throw new UsageException("'--recursive' and '--no-recursive' cannot both be given; choose one")
            : new() { Depth = limits.FolderDepth, IsRecursive = !isFlat };

    private static int WriteLines(IEnumerable<PredictionResult> results, int top, bool areSets, Terminal terminal)
    {
        int failures = 0;
        ResultTable table = areSets
            ? new(["image", "labels", "most probable"], [])
            : new(["image", "label", "probability", "then"], [2]);
        foreach (PredictionResult result in results)
        {
            if (result.Prediction is not { } prediction)
            {
                failures++;
                WriteFailure(result, terminal);
                continue;
            }

            IEnumerable<string> scores = prediction
                .Scores.Take(top)
                .Select(score => $"{Printable.Text(score.Label)} {score.Probability:0.000}");
            WriteNote(result, terminal);
            if (areSets)
            {
                table.Add(Printable.Text(result.Path), Given(prediction), string.Join(", ", scores));
                continue;
            }

            table.Add(
                Printable.Text(result.Path),
                Printable.Text(prediction.Label) + Doubts(prediction),
                $"{prediction.Probability:0.000}",
                string.Join(", ", scores.Skip(1))
            );
        }

        if (table.RowCount > 0)
        {
            table.WriteTo(terminal.OutputConsole);
        }

        return failures == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    // "bolt, nut, gear (unsure)"; "-" where no label reaches its threshold
    private static string Given(Prediction.ImagePrediction prediction)
    {
        IEnumerable<string> all = prediction
            .Labels.Select(label => Printable.Text(label))
            .Concat(prediction.UnsureLabels.Select(label => $"{Printable.Text(label)} (unsure)"));
        string given = string.Join(", ", all);
        return (given.Length == 0 ? "-" : given)
            + (prediction.IsFamiliar ? "" : " (unlike anything it was trained on)");
    }

    private static string Doubts(Prediction.ImagePrediction prediction) =>
        (prediction.IsSure, prediction.IsFamiliar) switch
        {
            (true, true) => "",
            (false, true) => " (unsure)",
            (true, false) => " (unlike anything it was trained on)",
            _ => " (unsure; unlike anything it was trained on)",
        };

    private static int WriteJson(IEnumerable<PredictionResult> results, int top, bool areSets, Terminal terminal)
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
                    JsonOutput.Prediction(json, prediction, top, areSets);
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
        foreach (PredictionResult result in all)
        {
            if (result.Prediction is null)
            {
                WriteFailure(result, terminal);
            }

            WriteNote(result, terminal);
        }

        return failures == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    private static void WriteNote(PredictionResult result, Terminal terminal)
    {
        if (result.Prediction?.Note is string note)
        {
            terminal.Error.WriteLine($"graft: '{Printable.Text(result.Path)}': {note}");
        }
    }

    private static void WriteFailure(PredictionResult result, Terminal terminal) =>
        terminal.Error.WriteLine($"graft: '{Printable.Text(result.Path)}' cannot be used: {result.Failure}");
}
