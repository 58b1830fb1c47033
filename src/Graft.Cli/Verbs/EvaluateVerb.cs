using System.CommandLine;
using System.Text.Json.Nodes;
using Graft.Cli.Views;
using Graft.Data;
using Graft.Prediction;
using Graft.Training.Runs;

namespace Graft.Cli.Verbs;

/// <summary>graft evaluate MODEL FOLDER</summary>
internal static class EvaluateVerb
{
    private enum Part
    {
        Train,
        Validation,
        Test,
        All,
    }

    public static Verb Create()
    {
        Verb verb = new(
            "evaluate",
            "Measures a model on labelled images: accuracy with its 95 % interval, each class, confusions, log-loss, calibration.",
            "graft evaluate runs/photos/model.onnx photos-of-another-day",
            "graft evaluate runs/photos/model.onnx photos --split-file runs/photos/split.csv --json");
        Argument<string> model = new("MODEL") { Description = "An .onnx file made by graft train" };
        Argument<string> folder = new("FOLDER") { Description = "A folder with one subfolder a class, perhaps within train, val and test; or a CSV file: path,label[,split]" };
        Option<string> part = Choices.OneOf("--split", "The images to look at [default: test where the data have parts, all otherwise]", Part.All);
        part.DefaultValueFactory = _ => "";
        Option<string?> splitFile = Choices.Text("--split-file", "FILE", "A run's split.csv, which says what part each image of FOLDER had in it");
        Option<double> limit = Choices.Number("--rejected-limit", "SHARE", "More unusable images than this share are an error, 0 to 1", ImageSet.RejectedLimit);
        Option<int> threads = Choices.Number("--threads", "N", "Processor threads; 0: one a core", 0);
        Option<string[]> limits = LimitChoice.Create();
        Option<bool> json = Choices.Switch("--json", "Print one JSON document; progress goes to standard error");
        verb.Arguments.Add(model);
        verb.Arguments.Add(folder);
        Array.ForEach<Option>([part, splitFile, limit, limits, threads, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            if (parsed.GetValue(limit) is not (>= 0 and <= 1))
            {
                throw new UsageException($"'--rejected-limit' cannot be {parsed.GetValue(limit)}: it must lie between 0 and 1");
            }

            using Predictor predictor = Predictor.Load(parsed.GetValue(model)!, Choices.Threads(parsed.GetValue(threads)) with { Limits = LimitChoice.Read(parsed.GetValue(limits)).Image });
            ImageSet set = ImageSet.Load(parsed.GetValue(folder)!, new ImageSetOptions { LeastClasses = 1, LeastImages = 1, Limits = LimitChoice.Read(parsed.GetValue(limits)).Image, Depth = LimitChoice.Read(parsed.GetValue(limits)).FolderDepth }, cancel);
            (IReadOnlyList<LabelledImage> images, string what) = Select(set, parsed.GetValue(splitFile), parsed.GetValue(part)!);
            CheckLabels(set, images, predictor.Card);
            Measured measured = ProgressView.Run(terminal.ErrorConsole, terminal.IsErrorLive, progress => Measure(predictor, images, progress, cancel));
            return Finish(measured, set, what, parsed.GetValue(limit), parsed.GetValue(json), terminal);
        };
        return verb;
    }

    private static (IReadOnlyList<LabelledImage> Images, string What) Select(ImageSet set, string? splitFile, string part)
    {
        IReadOnlyList<LabelledImage> images = splitFile is null ? set.Images : SplitFile.Read(splitFile, set).Images;
        bool hasParts = images.Any(image => image.Part is not null);
        if (part == "all" || (part.Length == 0 && !hasParts))
        {
            return (images, hasParts ? "all images" : "all images; those it was trained on count too where they are among them");
        }

        ImagePart wanted = part.Length == 0 ? ImagePart.Test : Choices.ValueOf<ImagePart>(part);
        LabelledImage[] chosen = [.. images.Where(image => image.Part == wanted)];
        string name = wanted.ToString().ToLowerInvariant();
        return chosen.Length > 0
            ? (chosen, $"the {name} images")
            : throw new GraftException($"'{Printable.Text(set.Source)}' cannot be used: it has no {name} images; choose others with --split, or name a run's split.csv with --split-file");
    }

    private static void CheckLabels(ImageSet set, IReadOnlyList<LabelledImage> images, ModelCard card)
    {
        HashSet<string> known = [.. card.Labels];
        LabelledImage? unknown = images.FirstOrDefault(image => !known.Contains(image.Label));
        if (unknown is not null)
        {
            string labels = string.Join(", ", card.Labels.Take(20).Select(label => Printable.Text(label))) + (card.Labels.Count > 20 ? ", …" : "");
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: its class '{Printable.Text(unknown.Label)}' is none of the model's ({labels}); rename it or remove it");
        }
    }

    private static Measured Measure(Predictor predictor, IReadOnlyList<LabelledImage> images, IProgress<TrainingEvent> progress, CancellationToken cancel)
    {
        ModelCard card = predictor.Card;
        Dictionary<string, int> indexOf = card.Labels.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i);
        List<int> labels = [];
        List<float> probabilities = [];   // [N,C]
        List<RejectedImage> rejected = [];
        int done = 0;
        foreach (PredictionResult result in predictor.PredictMany(images.Select(image => image.File), cancel))
        {
            LabelledImage image = images[done++];
            progress.Report(new Progressed("evaluate", done, images.Count, "images", 0, TimeSpan.Zero));
            if (result.Prediction is not { } prediction)
            {
                rejected.Add(new(image.Path, result.Failure!));
                continue;
            }

            float[] row = new float[card.Labels.Count];
            foreach (LabelScore score in prediction.Scores)
            {
                row[indexOf[score.Label]] = (float)score.Probability;
            }

            labels.Add(indexOf[image.Label]);
            probabilities.AddRange(row);
        }

        return new(card, labels, probabilities, rejected);
    }

    private static int Finish(Measured measured, ImageSet set, string what, double limit, bool isJson, Terminal terminal)
    {
        RejectedImage[] rejected = [.. set.Rejected, .. measured.Rejected];
        foreach (RejectedImage image in rejected)
        {
            terminal.Error.WriteLine($"graft: '{Printable.Text(image.Path)}' cannot be used: {image.Reason}");
        }

        if (measured.Labels.Count == 0 || rejected.Length > limit * (measured.Labels.Count + rejected.Length))
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: {rejected.Length} of {measured.Labels.Count + rejected.Length} images are unusable, and {limit:0.##%} are the limit; "
                + "mend or remove them, or raise it with --rejected-limit");
        }

        Evaluation evaluation = Evaluation.Of(measured.Card.Labels, measured.Labels.ToArray(), measured.Probabilities.ToArray());
        if (isJson)
        {
            JsonObject json = evaluation.ToJson();
            json["images"] = what;
            json["rejected"] = new JsonArray([.. rejected.Select(image => new JsonObject { ["path"] = image.Path, ["reason"] = image.Reason })]);
            JsonOutput.Write(terminal.Output, writer => json.WriteTo(writer));
        }
        else
        {
            EvaluationView.Write(evaluation, what, terminal);
        }

        return ExitCode.Done;
    }

    /// <param name="Labels">[N]</param>
    /// <param name="Probabilities">[N,C]</param>
    private sealed record Measured(ModelCard Card, List<int> Labels, List<float> Probabilities, List<RejectedImage> Rejected);
}
