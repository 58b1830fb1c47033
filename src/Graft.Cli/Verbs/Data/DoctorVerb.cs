using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft doctor FOLDER</summary>
internal static class DoctorVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "doctor",
            "Looks for what is wrong with a set of images: files that cannot be used, odd ones, copies and near "
                + "duplicates within and across classes and parts, small and uneven classes, labels that are likely "
                + "wrong. Deletes nothing.",
            "graft doctor photos",
            "graft doctor photos --report doctor.html --write-ignore",
            "graft doctor photos.csv --json --limit pixels=200000000"
        );
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        Option<string?> body = Flag.Text(
            "--body",
            "NAME|FILE.onnx",
            "The network whose features distinguish images and labels",
            new DoctorOptions().Body.Text
        );
        Option<string?> weights = Flag.Text(
            "--weights",
            "FILE",
            "A weight file for a named body; by default the weights that come with it"
        );
        Option<string?> fit = BodyFlags.Fit();
        Option<string?> report = Flag.Text(
            "--report",
            "FILE.html",
            "Write the findings with their pictures, as one HTML file"
        );
        Option<bool> ignore = Flag.Switch(
            "--write-ignore",
            "Add unusable and leaking images to FOLDER's ignore.txt, and doubtful ones as comments; later runs leave "
                + "the listed files out"
        );
        DataFlags reading = new(isSkipping: false);
        Option<int> threads = Flag.Number("--threads", "N", "Processor threads; 0: one a core", 0);
        Option<string[]> limits = LimitFlag.Create();
        Option<bool> json = Flag.Switch("--json", "Print one JSON document; progress goes to standard error");
        verb.Arguments.Add(folder);
        Array.ForEach<Option>(
            [body, weights, fit, report, ignore, .. reading.All, threads, limits, json],
            verb.Options.Add
        );
        verb.Work = (parsed, terminal, cancel) =>
        {
            DoctorOptions options = new()
            {
                Body = BodyName.Read(parsed.GetValue(body)!) with
                {
                    Weights = parsed.GetValue(weights),
                    Fit = parsed.GetValue(fit) is string word ? Flag.ValueOf<ImageFit>(word) : null,
                },
                Data = reading.Read(parsed, new()),
                Threads = Flag.ThreadCount(parsed.GetValue(threads)),
                Limits = LimitFlag.Read(parsed.GetValue(limits)),
                MemoryPolicy = MemoryPolicy.ManageProcess,
            };
            DataReport found = ProgressView.Run(terminal.ErrorConsole, terminal.IsErrorLive, progress =>
                DataDoctor.Examine(parsed.GetValue(folder)!, options, progress, cancel)
            );
            List<string> written = [];
            if (parsed.GetValue(report) is string page)
            {
                OutputFile.Write(page, DoctorPage.ToHtml(found), "--report");
                written.Add($"Pictures: {Printable.Text(page)}");
            }

            if (parsed.GetValue(ignore))
            {
                IgnoreFileChange change = IgnoreFile.Add(found);
                string files = change.Added == 1 ? "file" : "files";
                written.Add($"Ignored:  {change.Added} more {files}, in {Printable.Text(change.Path)}");
            }

            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, found.ToJson());
            }
            else
            {
                DoctorView.Write(found, written, terminal);
            }

            return ExitCode.Done;
        };
        return verb;
    }
}
