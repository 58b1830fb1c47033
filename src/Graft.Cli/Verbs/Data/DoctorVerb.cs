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
            "Finds problems in a set of images: unusable and odd files, copies and near duplicates within and across "
                + "classes and parts, small and uneven classes, and labels that are likely wrong. Deletes nothing.",
            "graft doctor photos",
            "graft doctor photos --report doctor.html --write-ignore",
            "graft doctor photos.csv --json --limit pixels=200000000"
        );
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        DoctorFlags flags = new();
        verb.Arguments.Add(folder);
        Array.ForEach([.. flags.All], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            DoctorOptions options = flags.Read(parsed);
            DataReport found = ProgressView.Run(terminal, flags.Loudness(parsed), progress =>
                DataDoctor.Examine(parsed.GetValue(folder)!, options, progress, cancel)
            );
            IReadOnlyList<string> written = [.. WriteFiles(found, flags.Report(parsed), flags.WritesIgnore(parsed))];
            if (flags.IsJson(parsed))
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

    // A line about each file.
    private static IEnumerable<string> WriteFiles(DataReport found, string? page, bool writesIgnore)
    {
        if (page is not null)
        {
            OutputFile.Write(page, DoctorPage.ToHtml(found), DoctorFlags.ReportName);
            yield return $"Pictures: {Printable.Text(page)}";
        }

        if (writesIgnore)
        {
            IgnoreFileChange change = IgnoreFile.Add(found);
            string files = change.Added == 1 ? "file" : "files";
            yield return $"Ignored:  {change.Added} more {files}, in {Printable.Text(change.Path)}";
        }
    }
}
