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
    public static Verb Create()
    {
        Verb verb = new(
            "evaluate",
            "Measures a model on labelled images: accuracy, or mAP for several labels, with its 95 % interval, scores "
                + "of each class, confusions, log-loss, calibration, and errors by confidence. --against compares it "
                + "with a second model.",
            "graft evaluate runs/photos/model.onnx photos-of-another-day",
            "graft evaluate runs/photos/model.onnx photos --split-file runs/photos/split.csv --json",
            "graft evaluate runs/photos/model.onnx photos-of-another-day --against runs/photos-long"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        EvaluateFlags flags = new();
        verb.Arguments.Add(model);
        verb.Arguments.Add(folder);
        Array.ForEach([.. flags.All], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
            Run(parsed.GetValue(model)!, parsed.GetValue(folder)!, flags.Read(parsed), terminal, cancel);
        return verb;
    }

    private static int Run(
        string model,
        string folder,
        EvaluateRequest request,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        using Predictor predictor = Predictor.Load(ModelFile.Of(model), request.Loading);
        using Predictor? other = request.Against is string otherModel
            ? Predictor.Load(ModelFile.Of(otherModel), request.Loading)
            : null;
        EvaluationChecks.Classes(predictor.Card, other?.Card, request.Against);
        bool areSets = predictor.Card.Task == ClassificationTask.MultiLabel;
        ImageSet set = ImageSet.Load(
            folder,
            areSets ? request.Reading with { Task = predictor.Card.Task } : request.Reading,
            cancel: cancel
        );
        foreach (string line in set.Notes.Concat(set.Warnings))
        {
            terminal.Error.WriteLine($"graft: {line}");
        }

        int? learnt = request.SplitFile is null ? LearntImages.Count(ModelFile.Of(model), set) : null;
        (IReadOnlyList<LabelledImage> images, string what) = Select(set, request.SplitFile, request.Part, learnt);
        if (learnt is int count && images.Count == set.Images.Length)
        {
            LearntImages.Warn(ModelFile.Of(model), count, images.Count, terminal);
        }

        EvaluationChecks.Labels(set, images, predictor.Card);
        int groups = images.Select(image => image.Group).OfType<string>().Distinct().Count();
        what += groups == 0 ? "" : $", of {groups:N0} {(groups == 1 ? "group" : "groups")}";
        (Evaluation evaluation, Comparison? comparison) = ProgressView.Run(terminal, request.Loudness, progress =>
            Evaluate(predictor, other, images, progress, cancel)
        );
        RejectedImage[] rejected = [.. set.Rejected, .. evaluation.Rejected];
        EvaluationChecks.Rejected(rejected, evaluation.Count, set, request.RejectedLimit, terminal);
        ComparisonView? beside = comparison is null ? null : new(model, request.Against!, comparison);
        return Show(evaluation, beside, what, rejected, request, terminal);
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
        string part,
        int? learnt
    )
    {
        IReadOnlyList<LabelledImage> images = splitFile is null ? set.Images : SplitFile.Read(splitFile, set).Images;
        bool hasParts = images.Any(image => image.Part is not null);
        if (part == "all" || (part.Length == 0 && !hasParts))
        {
            return (images, learnt > 0 ? $"all images, {learnt:N0} of which it was trained on" : "all images");
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

    private static int Show(
        Evaluation evaluation,
        ComparisonView? comparison,
        string what,
        RejectedImage[] rejected,
        EvaluateRequest request,
        Terminal terminal
    )
    {
        if (request.IsJson)
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
            EvaluationView.Write(evaluation, what, request.Loudness, terminal);
            comparison?.Write(terminal.Output);
        }

        return ExitCode.Done;
    }
}
