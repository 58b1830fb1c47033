using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft data convert FROM OUT: a set of images in another layout.</summary>
internal static class ConvertVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "convert",
            "Writes a set of images in another layout, with its labels and parts. The images are copied byte for byte.",
            "graft data convert export.zip photos",
            "graft data convert annotations.json photos --to csv",
            "graft data convert photos shards --to shards"
        );
        Argument<string> from = new("FROM") { Description = ImageSource.Description };
        Argument<string> to = new("OUT") { Description = "The folder to write; it must be new or empty" };
        Option<string> layout = Flag.OneOf(
            "--to",
            "folders: a folder a class, within train, val and test where the images have parts; csv: images.csv and a "
                + "folder of images; shards: WebDataset tar archives",
            ImageSetLayout.Folders
        );
        DataFlags reading = new(isSkipping: true);
        Option<string[]> limits = LimitFlag.Create(LimitFlag.OfImages);
        verb.Arguments.Add(from);
        verb.Arguments.Add(to);
        Option<bool> json = Flag.Switch("--json", "Print one JSON document; progress goes to standard error");
        LoudnessFlags loudness = new();
        Array.ForEach<Option>([layout, .. reading.All, limits, .. loudness.All, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            Limits kept = LimitFlag.Read(parsed.GetValue(limits), names: LimitFlag.OfImages);
            ImageSetOptions options = reading.ReadSet(parsed, kept);
            ImageSetLayout chosen = Flag.ValueOf<ImageSetLayout>(parsed.GetValue(layout)!);
            (string target, Loudness told) = (parsed.GetValue(to)!, loudness.Read(parsed));
            ImageSet set = Convert(parsed.GetValue(from)!, target, chosen, options, told, terminal, cancel);
            Write(set, target, parsed.GetValue(json), terminal);
            return ExitCode.Done;
        };
        return verb;
    }

    private static ImageSet Convert(
        string source,
        string target,
        ImageSetLayout layout,
        ImageSetOptions options,
        Loudness loudness,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        ImageSource.Require(source);
        ImageSet set = ImageSet.Load(source, options, cancel: cancel);
        Report(set, terminal);
        _ = ProgressView.Run(
            terminal,
            loudness,
            progress =>
            {
                ImageSetConverter.Convert(set, target, layout, progress, cancel);
                return true;
            }
        );
        return set;
    }

    private static void Write(ImageSet set, string target, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("folder", target);
                json.WriteNumber("images", set.Images.Length);
                json.WriteNumber("classes", set.Classes.Length);
                json.WriteNumber("rejected", set.Rejected.Length);
                json.WriteEndObject();
            });
            return;
        }

        terminal.Output.WriteLine(
            $"{set.Images.Length:N0} images of {set.Classes.Length} classes are in '{Printable.Text(target)}'."
        );
    }

    private static void Report(ImageSet set, Terminal terminal)
    {
        foreach (string line in set.Notes.Concat(set.Warnings))
        {
            terminal.Error.WriteLine($"graft: {line}");
        }

        foreach (RejectedImage image in set.Rejected)
        {
            terminal.Error.WriteLine($"graft: '{Printable.Text(image.Path)}' is left out: {image.Reason}");
        }
    }
}
