using System.CommandLine;
using Graft.Explanation;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Cli.Verbs;

/// <summary>graft explain MODEL FILES…</summary>
internal static class ExplainVerb
{
    private const string OutName = "--out";
    private const string NeighboursName = "--neighbours";
    private const int UsualNeighbours = 3;
    private const int MostNeighbours = 100;

    public static Verb Create()
    {
        Verb verb = new(
            "explain",
            "Shows which places of images speak for their class. Each image becomes a PNG of what the network sees, "
                + "with those places in warm colours. A model trained with --with-neighbours also gives the training "
                + "images that look most like it.",
            "graft explain runs/photos a.jpg b.png",
            "graft explain runs/photos inbox --label roses --out heat"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Argument<string[]> files = new("FILES")
        {
            Description = "Images, folders of images, patterns, or - for one image from standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> folder = Flag.Text(OutName, "FOLDER", "Folder for the PNG files", "explained");
        Option<string?> label = Flag.Text("--label", "CLASS", "The class to explain instead of the most probable one");
        Option<int?> neighbours = Neighbours();
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(model);
        verb.Arguments.Add(files);
        Array.ForEach<Option>([folder, label, neighbours, threads, limits, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            Limits kept = LimitFlag.Read(parsed.GetValue(limits));
            string path = ModelFile.Of(parsed.GetValue(model)!);
            PredictorOptions options = new() { Threads = Flag.ThreadCount(parsed.GetValue(threads)), Limits = kept };
            using Explainer explainer = Explainer.Load(path, options);
            int count = NeighbourCount(parsed.GetValue(neighbours), path);
            using NearestImages? nearest = count == 0 ? null : NearestImages.Load(path, options);
            PredictInputs inputs = new(new() { Depth = kept.FolderDepth }, kept.Image, terminal.Input);
            Array.ForEach(parsed.GetValue(files)!, inputs.Add);
            inputs.Notes.ToList().ForEach(note => terminal.Error.WriteLine($"graft: {note}"));
            ExplainedFiles explained = new(
                explainer,
                LabelOf(parsed.GetValue(label), explainer.Card),
                nearest is null ? null : new(nearest, count),
                new ExplainedFolder(parsed.GetValue(folder)!)
            );
            return explained.Write(inputs.Images, kept.Image, parsed.GetValue(json), terminal, cancel);
        };
        return verb;
    }

    private static Option<int?> Neighbours() =>
        Flag.NumberOrNone<int>(
            NeighboursName,
            "N",
            "Nearest training images to write for each image, 0 to 100; 3 where the model was trained with "
                + "--with-neighbours"
        );

    private static int NeighbourCount(int? asked, string model) =>
        asked switch
        {
            null => NearestImages.ExistFor(model) ? UsualNeighbours : 0,
            >= 0 and <= MostNeighbours => asked.Value,
            _ => throw new UsageException(
                $"'{NeighboursName}' cannot be {asked}: it must lie between 0 and {MostNeighbours}"
            ),
        };

    private static string? LabelOf(string? asked, ModelCard card)
    {
        if (asked is null || card.Labels.Contains(asked))
        {
            return asked;
        }

        string meant = NearestName.Find(asked, card.Labels) is string near
            ? $"did you mean '{Printable.Text(near)}'?"
            : $"it is one of {string.Join(", ", card.Labels.Take(20).Select(Printable.Text))}";
        throw new UsageException($"'--label' cannot be '{Printable.Text(asked)}': {meant}");
    }
}
