using System.Diagnostics;
using System.Text.Json;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>What a finished run tells: the model, how good it is, and what to do next.</summary>
internal static class TrainingSummary
{
    /// <summary>The result first, then why it is so, then what lies where.</summary>
    public static void Write(TrainingResult result, string images, Loudness loudness, Terminal terminal)
    {
        RunEvaluation evaluation = result.Evaluation;
        bool isMulti = evaluation.MeanAveragePrecision is not null;
        terminal.WriteField(
            isMulti ? "Mean AP:" : "Accuracy:",
            (isMulti ? LabelView.Precision(evaluation) : EvaluationView.Accuracy(evaluation.Correct, evaluation.Count))
                + " on the test images"
                + (evaluation.TestGroups == 0 ? "" : $", of {Groups(evaluation.TestGroups)}")
                + $"; the probe's {evaluation.ProbeAccuracy:0.000}"
        );
        if (isMulti)
        {
            LabelView.WriteFields(evaluation, terminal);
        }

        terminal.WriteField("Shipped:", evaluation.Shipped);
        terminal.WriteField("Why:", Printable.Text(evaluation.Reason));
        if (!evaluation.Reason.Contains(evaluation.Stopped, StringComparison.Ordinal))
        {
            terminal.WriteField("Stopped:", $"because {Printable.Text(evaluation.Stopped)}");
        }

        terminal.WriteField(
            "Honesty:",
            $"calibration error {evaluation.CalibrationError:0.000}; "
                + $"{evaluation.CalibrationErrorBefore:0.000} before "
                + (isMulti ? "the scale and shift of each label" : $"its temperature of {evaluation.Temperature:0.00}")
        );
        if (evaluation.MaxError is double maxError)
        {
            string sure = evaluation.Sure is null
                ? $"always; no threshold keeps to --max-error {maxError:0.##%}"
                : EvaluationView.Sure(evaluation);
            terminal.WriteField("Sure:", sure);
        }

        if (loudness == Loudness.Verbose)
        {
            terminal.Output.WriteLine();
            EvaluationView.WriteRisks(evaluation, terminal);
            terminal.Output.WriteLine();
        }

        terminal.WriteField("Time:", Time(evaluation.Seconds, SinceStart()));
        terminal.WriteField("Model:", Printable.Text(result.ModelPath));
        terminal.WriteField("Report:", Printable.Text(Path.Combine(result.RunFolder, RunFolder.ReportName)));
        terminal.WriteField("Next:", Invocation.Line("predict", result.ModelPath, Sample(result, images)));
    }

    /// <summary>evaluation.json with the paths of the run in front.</summary>
    public static void WriteJson(TrainingResult result, TextWriter output)
    {
        using JsonDocument evaluation = JsonDocument.Parse(result.Evaluation.ToJson());
        JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("run", result.RunFolder);
            json.WriteString("model", result.ModelPath);
            json.WriteString("reason", result.Evaluation.Reason);
            foreach (
                JsonProperty property in evaluation
                    .RootElement.EnumerateObject()
                    .Where(property => property.Name is not "reason")
            )
            {
                property.WriteTo(json);
            }

            json.WriteEndObject();
        });
    }

    private static string Groups(int count) => $"{count:N0} {(count == 1 ? "group" : "groups")}";

    /// <summary>The whole time, and that of each phase that took at least half a second.</summary>
    /// <param name="seconds">Seconds by phase, of all sessions.</param>
    /// <param name="sinceStart">Time since the command was started. What no phase explains is told as the rest.</param>
    internal static string Time(IReadOnlyDictionary<string, double> seconds, TimeSpan sinceStart)
    {
        TimeSpan phases = TimeSpan.FromSeconds(seconds.Values.Sum());
        TimeSpan rest = sinceStart > phases ? sinceStart - phases : TimeSpan.Zero; // a resumed run has earlier sessions
        IEnumerable<string> each = seconds
            .Append(new("start, report and checks", rest.TotalSeconds))
            .Where(part => part.Value >= 0.5)
            .Select(part => $"{part.Key} {EventText.Duration(TimeSpan.FromSeconds(part.Value))}");
        return EventText.Duration(phases + rest) + (each.Any() ? $" ({string.Join(", ", each)})" : "");
    }

    private static TimeSpan SinceStart()
    {
        using Process current = Process.GetCurrentProcess();
        return DateTime.Now - current.StartTime;
    }

    // The first test image: a command that works as it stands.
    private static string Sample(TrainingResult result, string images)
    {
        string folder = Directory.Exists(images) ? images : Path.GetDirectoryName(images) ?? "";
        string? first = RunFolder.Open(result.RunFolder).FirstImage(ImagePart.Test);
        string path = Path.Combine(folder, first ?? "");
        return File.Exists(path) ? path : "IMAGE.jpg"; // an image of an archive has no file
    }
}
