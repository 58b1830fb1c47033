using System.Text.Json;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>What a finished run tells: the model, how good it is, and what to do next.</summary>
internal static class TrainingSummary
{
    public static void Write(TrainingResult result, string images, Terminal terminal)
    {
        RunEvaluation evaluation = result.Evaluation;
        TextWriter output = terminal.Output;
        output.WriteLine();
        output.WriteLine($"Shipped:  {evaluation.Shipped}");
        output.WriteLine($"Why:      {Printable.Text(evaluation.Reason)}");
        output.WriteLine($"Stopped:  because {Printable.Text(evaluation.Stopped)}");
        output.WriteLine(
            $"Accuracy: {EvaluationView.Accuracy(evaluation.Correct, evaluation.Count)} on the test images"
                + (evaluation.TestGroups == 0 ? "" : $", of {Groups(evaluation.TestGroups)}")
                + $"; the probe's {evaluation.ProbeAccuracy:0.000}"
        );
        output.WriteLine(
            $"Honesty:  calibration error {evaluation.CalibrationError:0.000}; "
                + $"{evaluation.CalibrationErrorBefore:0.000} before its temperature of {evaluation.Temperature:0.00}"
        );
        if (evaluation.MaxError is double maxError)
        {
            string sure = evaluation.Sure is null
                ? $"always; no threshold keeps to --max-error {maxError:0.##%}"
                : EvaluationView.Sure(evaluation);
            output.WriteLine($"Sure:     {sure}");
        }

        output.WriteLine();
        EvaluationView.WriteRisks(evaluation, terminal);
        output.WriteLine();
        output.WriteLine($"Time:     {Time(evaluation.Seconds)}");
        output.WriteLine($"Model:    {Printable.Text(result.ModelPath)}");
        output.WriteLine($"Report:   {Printable.Text(Path.Combine(result.RunFolder, RunFolder.ReportName))}");
        output.WriteLine($"Next:     graft predict {Quoted(result.ModelPath)} {Quoted(Sample(result, images))}");
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

    private static string Time(IReadOnlyDictionary<string, double> seconds)
    {
        IEnumerable<string> phases = seconds
            .Where(phase => phase.Value >= 0.5)
            .Select(phase => $"{phase.Key} {EventText.Duration(TimeSpan.FromSeconds(phase.Value))}");
        return $"{EventText.Duration(TimeSpan.FromSeconds(seconds.Values.Sum()))} ({string.Join(", ", phases)})";
    }

    // The first test image: a command that works as it stands.
    private static string Sample(TrainingResult result, string images)
    {
        string folder = Directory.Exists(images) ? images : Path.GetDirectoryName(images) ?? "";
        string? first = RunFolder.Open(result.RunFolder).FirstImage(ImagePart.Test);
        string path = Path.Combine(folder, first ?? "");
        return File.Exists(path) ? path : "IMAGE.jpg"; // an image of an archive has no file
    }

    // As a shell takes it: names with spaces and signs in single quotes.
    internal static string Quoted(string path)
    {
        string safe = Printable.Text(path);
        return safe.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '\\' or ':')
            ? safe
            : $"'{safe.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
