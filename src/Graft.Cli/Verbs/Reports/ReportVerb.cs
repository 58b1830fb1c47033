using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft report RUN</summary>
internal static class ReportVerb
{
    private const string OutName = "--out";
    private const string PlotsName = "--plots";

    public static Verb Create()
    {
        Verb verb = new(
            "report",
            "Writes the report of a complete run anew: one HTML file that loads nothing. Writes its charts as SVG and "
                + "PNG files on request.",
            "graft report runs/photos",
            "graft report runs/photos --plots charts"
        );
        Argument<string> run = new("RUN") { Description = "The folder of a complete run" };
        Option<string?> page = Flag.Text(OutName, "FILE", "The HTML file instead of report.html in the run's folder");
        Option<string?> plots = Flag.Text(PlotsName, "FOLDER", "Write the charts into this folder, and no page");
        verb.Arguments.Add(run);
        verb.Options.Add(page);
        Option<bool> json = Flag.Switch("--json", "Print what was written as one JSON document");
        verb.Options.Add(plots);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, cancel) =>
        {
            string path = parsed.GetValue(run)!;
            RunFolder folder = Open(path);
            string? target = parsed.GetValue(plots);
            string? file = parsed.GetValue(page);
            if (target is null || file is not null)
            {
                file ??= Path.Combine(path, RunFolder.ReportName);
                OutputFile.Write(file, RunReport.ToHtml(folder, cancel), OutName);
            }

            IReadOnlyList<ReportChart> charts = target is null ? [] : RunReport.Charts(folder, cancel);
            if (target is not null)
            {
                WriteCharts(charts, target);
            }

            Say(terminal.Output, file, charts, parsed.GetValue(json));
            return ExitCode.Done;
        };
        return verb;
    }

    private static RunFolder Open(string path)
    {
        if (!RunFolder.Exists(path))
        {
            throw new GraftException($"'{Printable.Text(path)}' cannot be used: it holds no run; name a run's folder");
        }

        RunFolder folder = RunFolder.Open(path);
        return folder.IsComplete
            ? folder
            : throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: its run is not complete; "
                    + $"go on with `{Invocation.Line("resume", path)}`"
            );
    }

    private static void Say(TextWriter output, string? page, IReadOnlyList<ReportChart> charts, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Write(output, json =>
            {
                json.WriteStartObject();
                json.WriteString("report", page);
                json.WriteStartArray("charts");
                foreach (ReportChart chart in charts)
                {
                    json.WriteStartObject();
                    json.WriteString("name", chart.Name);
                    json.WriteString("title", chart.Title);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        if (page is not null)
        {
            output.WriteLine($"Report: {Printable.Text(page)}");
        }

        foreach (ReportChart chart in charts)
        {
            output.WriteLine($"{chart.Name}: {chart.Title}");
        }
    }

    private static void WriteCharts(IReadOnlyList<ReportChart> charts, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (ReportChart chart in charts)
            {
                AtomicFile.Write(Path.Combine(folder, $"{chart.Name}.svg"), chart.ToSvg());
                AtomicFile.Write(Path.Combine(folder, $"{chart.Name}.png"), chart.ToPng());
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; name "
                    + "another folder with --plots",
                error
            );
        }
    }
}
