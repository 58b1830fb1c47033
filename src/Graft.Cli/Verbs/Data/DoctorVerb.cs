using System.CommandLine;
using System.Text.Json.Nodes;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Doctor;
using Graft.Training.Release;

namespace Graft.Cli.Verbs;

/// <summary>graft doctor FOLDER</summary>
internal static class DoctorVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "doctor",
            "Looks for what is wrong with a set of images: files that cannot be used, odd ones, copies and near duplicates within and across classes and parts, small and uneven classes, labels that are likely wrong. Deletes nothing.",
            "graft doctor photos",
            "graft doctor photos --report doctor.html --write-ignore",
            "graft doctor photos.csv --json --limit pixels=200000000"
        );
        Argument<string> folder = new("FOLDER")
        {
            Description =
                "A folder with one subfolder a class; one with train, val and test folders of such; or a CSV file: path,label[,split]",
        };
        Option<string?> body = Flag.Text(
            "--body",
            "NAME|FILE.onnx",
            "The network whose features tell images and labels apart",
            new TrainingOptions().Body
        );
        Option<string?> weights = Flag.Text(
            "--weights",
            "FILE",
            "A weight file for a named body; by default the weights that come with it"
        );
        Option<string?> report = Flag.Text(
            "--report",
            "FILE.html",
            "Write the findings with their pictures, as one HTML file"
        );
        Option<bool> ignore = Flag.Switch(
            "--write-ignore",
            "Write what cannot be used or leaks into FOLDER's ignore.txt, and what is doubtful as comments; later runs leave those files out"
        );
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one a core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document; progress goes to standard error");
        verb.Arguments.Add(folder);
        Array.ForEach<Option>([body, weights, report, ignore, threads, limits, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            TrainingOptions options = new()
            {
                Body = parsed.GetValue(body)!,
                Weights = parsed.GetValue(weights),
                Threads = parsed.GetValue(threads),
                Limits = LimitFlag.Read(parsed.GetValue(limits)),
                MemoryPolicy = MemoryPolicy.ManageProcess,
            };
            BodyName.Check(options.Body);
            ExaminedData found = ProgressView.Run(terminal.ErrorConsole, terminal.IsErrorLive, progress =>
                DataExamination.Run(parsed.GetValue(folder)!, options, progress, cancel)
            );
            List<string> written = [];
            if (parsed.GetValue(report) is string page)
            {
                OutputFile.Write(page, DoctorPage.Write(found.Report, found.Set, options.Limits.Image), "--report");
                written.Add($"Pictures: {Printable.Text(page)}");
            }

            if (parsed.GetValue(ignore))
            {
                (string path, int added) = IgnoreFile.Write(
                    parsed.GetValue(folder)!,
                    found.Report,
                    found.Set.Images.ToDictionary(image => image.Name, image => image.Part)
                );
                written.Add($"Ignored:  {added} more {(added == 1 ? "file" : "files")}, in {Printable.Text(path)}");
            }

            if (parsed.GetValue(json))
            {
                JsonObject document = found.Report.ToJson();
                JsonOutput.Write(terminal.Output, writer => document.WriteTo(writer));
            }
            else
            {
                DoctorView.Write(found.Report, written, terminal);
            }

            return ExitCode.Done;
        };
        return verb;
    }
}
