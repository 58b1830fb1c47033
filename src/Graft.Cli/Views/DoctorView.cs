using Graft.Training;

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
        foreach (FindingSummary summary in report.Summarize())
        {
            table.Add(
                summary.Name,
                $"{summary.Count:N0}",
                summary.Severity switch
                {
                    Severity.LeftOut => "not used",
                    Severity.Warning => "look at it",
                    _ => "used as it is",
                },
                summary.Examples
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

        if (report.Findings.Any(finding => finding is { Kind: FindingKind.CroppedAway, Severity: Severity.Warning }))
        {
            terminal.Output.WriteLine(
                $"Cropped:  the network's centre crop leaves {100 * report.CroppedShare:0} % of the usual image out; "
                    + "--fit squash and --fit pad show all of it"
            );
        }

        foreach (string line in written)
        {
            terminal.Output.WriteLine(line);
        }
    }
}
