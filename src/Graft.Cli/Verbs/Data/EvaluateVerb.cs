using System.CommandLine;
using System.Text.Json.Nodes;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft evaluate MODEL FOLDER [--against OTHER]</summary>
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
            "Measures a model on labelled images: accuracy with its 95 % interval, each class, confusions, log-loss, "
                + "calibration, errors by confidence; beside another model with --against.",
            "graft evaluate runs/photos/model.onnx photos-of-another-day",
            "graft evaluate runs/photos/model.onnx photos --split-file runs/photos/split.csv --json",
            "graft evaluate runs/photos/model.onnx photos-of-another-day --against runs/photos-long"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Argument<string> folder = new("FOLDER")
        {
            Description = ImageSource.Description,
        };
        Option<string> part = Flag.OneOf(
            "--split",
            "The images to use [default: test if the data have parts, all otherwise]",
            Part.All
        );
        part.DefaultValueFactory = _ => "";
        Option<string?> splitFile = Flag.Text(
            "--split-file",
            "FILE",
            "A run's split.csv, which says what part each image of FOLDER had in it"
        );
        Option<string?> against = Flag.Text(
            "--against",
            "OTHER.onnx|RUN",
            "A second model of the same classes: which images only one of the two gets right, and whether that is more "
                + "than chance (McNemar's exact test)"
        );
        Option<double> limit = Flag.Number(
            "--rejected-limit",
            "SHARE",
            "More unusable images than this share are an error, 0 to 1",
            new TrainingOptions().RejectedLimit
        );
        DataFlags reading = new(isSkipping: true);
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one a core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document; progress goes to standard error");
        verb.Arguments.Add(model);
        verb.Arguments.Add(folder);
        Array.ForEach<Option>(
            [part, splitFile, against, .. reading.All, limit, limits, threads, json],
            verb.Options.Add
        );
        verb.Work = (parsed, terminal, cancel) =>
        {
            if (parsed.GetValue(limit) is not (>= 0 and <= 1))
            {
                throw new UsageException(
                    $"'--rejected-limit' cannot be {parsed.GetValue(limit)}: it must lie between 0 and 1"
                );
            }

            Limits kept = LimitFlag.Read(parsed.GetValue(limits));
            PredictorOptions loading = new() { Threads = Flag.ThreadCount(parsed.GetValue(threads)), Limits = kept };
            using Predictor predictor = Predictor.Load(ModelFile.Of(parsed.GetValue(model)!), loading);
            using Predictor? other = parsed.GetValue(against) is string otherModel
                ? Predictor.Load(ModelFile.Of(otherModel), loading)
                : null;
            CheckClasses(predictor.Card, other?.Card, parsed.GetValue(against));
            ImageSet set = ImageSet.Load(
                parsed.GetValue(folder)!,
                new ImageSetOptions
                {
                    LeastClasses = 1,
                    LeastImages = 1,
                    Limits = kept.Image,
                    Data = reading.Read(parsed, new()),
                    Depth = kept.FolderDepth,
                },
                cancel: cancel
            );
            foreach (string line in set.Notes.Concat(set.Warnings))
            {
                terminal.Error.WriteLine($"graft: {line}");
            }

            (IReadOnlyList<LabelledImage> images, string what) = Select(
                set,
                parsed.GetValue(splitFile),
                parsed.GetValue(part)!
            );
            CheckLabels(set, images, predictor.Card);
            (Evaluation evaluation, Comparison? comparison) = ProgressView.Run(
                terminal.ErrorConsole,
                terminal.IsErrorLive,
                progress => Evaluate(predictor, other, images, progress, cancel)
            );
            RejectedImage[] rejected = [.. set.Rejected, .. evaluation.Rejected];
            ReportRejected(rejected, evaluation.Count, set, parsed.GetValue(limit), terminal);
            ComparisonView? beside = comparison is null
                ? null
                : new(parsed.GetValue(model)!, parsed.GetValue(against)!, comparison);
            return Show(evaluation, beside, what, rejected, parsed.GetValue(json), terminal);
        };
        return verb;
    }

    private static (Evaluation Evaluation, Comparison? Comparison) Evaluate(
        Predictor model,
        Predictor? other,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        if (other is null)
        {
            return (ModelEvaluation.Evaluate(model, images, progress, cancel), null);
        }

        Comparison comparison = ModelEvaluation.Compare(model, other, images, progress, cancel);
        return (comparison.First, comparison);
    }

    private static (IReadOnlyList<LabelledImage> Images, string What) Select(
        ImageSet set,
        string? splitFile,
        string part
    )
    {
        IReadOnlyList<LabelledImage> images = splitFile is null ? set.Images : SplitFile.Read(splitFile, set).Images;
        bool hasParts = images.Any(image => image.Part is not null);
        if (part == "all" || (part.Length == 0 && !hasParts))
        {
            return (images, hasParts ? "all images" : "all images, also those that it was trained on");
        }

        ImagePart wanted = part.Length == 0 ? ImagePart.Test : Flag.ValueOf<ImagePart>(part);
        LabelledImage[] chosen = [.. images.Where(image => image.Part == wanted)];
        string name = wanted.ToString().ToLowerInvariant();
        return chosen.Length > 0
            ? (chosen, $"the {name} images")
            : throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: it has no {name} images; choose others with --split, "
                    + "or name a run's split.csv with --split-file"
            );
    }

    private static void CheckLabels(ImageSet set, IReadOnlyList<LabelledImage> images, ModelCard card)
    {
        HashSet<string> known = [.. card.Labels];
        LabelledImage? unknown = images.FirstOrDefault(image => !known.Contains(image.Label));
        if (unknown is not null)
        {
            string labels =
                string.Join(", ", card.Labels.Take(20).Select(label => Printable.Text(label)))
                + (card.Labels.Count > 20 ? ", …" : "");
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: its class '{Printable.Text(unknown.Label)}' is none "
                    + "of "
                    + $"the model's ({labels}); rename it or remove it"
            );
        }
    }

    /// <summary>Models are compared class by class: both must know the same ones, in any order.</summary>
    private static void CheckClasses(ModelCard card, ModelCard? other, string? otherName)
    {
        if (other is null)
        {
            return;
        }

        string? missing = card.Labels.Except(other.Labels).FirstOrDefault();
        string? added = other.Labels.Except(card.Labels).FirstOrDefault();
        if (missing is not null || added is not null)
        {
            string difference = missing is null
                ? $"it has another class '{Printable.Text(added!)}'"
                : $"it has no class '{Printable.Text(missing)}'";
            throw new GraftException(
                $"'{Printable.Text(otherName!)}' cannot be compared: {difference}; name a model of the same classes"
            );
        }
    }

    private static void ReportRejected(
        RejectedImage[] rejected,
        int usable,
        ImageSet set,
        double limit,
        Terminal terminal
    )
    {
        foreach (RejectedImage image in rejected)
        {
            terminal.Error.WriteLine($"graft: '{Printable.Text(image.Path)}' cannot be used: {image.Reason}");
        }

        int count = usable + rejected.Length;
        if (rejected.Length > limit * count)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: {rejected.Length} of {count} images are unusable, and "
                    + $"{limit:0.##%} are the limit; mend or remove them, or raise it with --rejected-limit"
            );
        }
    }

    private static int Show(
        Evaluation evaluation,
        ComparisonView? comparison,
        string what,
        RejectedImage[] rejected,
        bool isJson,
        Terminal terminal
    )
    {
        if (isJson)
        {
            JsonObject json = JsonNode.Parse(evaluation.ToJson())!.AsObject();
            json["images"] = what;
            json["rejected"] = new JsonArray([
                .. rejected.Select(image => new JsonObject { ["path"] = image.Path, ["reason"] = image.Reason }),
            ]);
            if (comparison is not null)
            {
                json["against"] = comparison.ToJson();
            }

            JsonOutput.Write(terminal.Output, writer => json.WriteTo(writer));
        }
        else
        {
            EvaluationView.Write(evaluation, what, terminal);
            comparison?.Write(terminal.Output);
        }

        return ExitCode.Done;
    }
}
