using Graft.Training.Doctor;

namespace Graft.Cli.Views;

/// <summary>The doctor's findings as a short table.</summary>
internal static class DoctorView
{
    public static void Write(DataReport report, IEnumerable<string> written, Terminal terminal)
    {
        terminal.Output.WriteLine(
            $"{report.ImageCount:N0} images, {report.UsableCount:N0} of them usable, {report.Classes.Count} classes"
        );
        ResultTable table = new(["finding", "count", "means", "such as"], [1]);
        foreach ((FindingKind kind, Severity severity, int count, string examples) in report.Summary)
        {
            table.Add(
                DataReport.Words(kind),
                $"{count:N0}",
                severity switch
                {
                    Severity.LeftOut => "not used",
                    Severity.Warning => "look at it",
                    _ => "used as it is",
                },
                examples
            );
        }

        if (table.RowCount == 0)
        {
            terminal.Output.WriteLine("Nothing found.");
        }
        else
        {
            table.WriteTo(terminal.OutputConsole);
        }

        foreach (string line in written)
        {
            terminal.Output.WriteLine(line);
        }
    }
}
