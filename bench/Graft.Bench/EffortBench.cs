using System.Globalization;
using System.Text.Json;
using Graft.Training;

namespace Graft.Bench;

/// <summary>
/// Trains with each effort, with an empty cache. Prints the time to the first usable model and to the end, the accuracy
/// on the test images, the accuracy of the best model so far, and how far the estimates of the time were off. Quick
/// effort is compared with scikit-learn, if it is installed.
/// </summary>
internal static class EffortBench
{
    /// <param name="images">Folder or CSV file.</param>
    /// <param name="settings">"efforts=quick,normal", "seed=1", "graft=PROGRAM".</param>
    public static void Run(string images, Settings settings)
    {
        using TemporaryFolder folder = new();
        string[] efforts = (settings.Text("efforts") ?? "quick,normal").Split(',');
        string seed = settings.Number("seed", 1).ToString(CultureInfo.InvariantCulture);
        string program = settings.Text("graft") ?? GraftProgram.Built;
        foreach (string effort in efforts)
        {
            string run = Path.Combine(folder.Root, effort);
            DateTimeOffset began = DateTimeOffset.UtcNow;
            double seconds = GraftProgram.Seconds(
                program,
                ["train", images, "--effort", effort, "--seed", seed, "--out", run],
                Path.Combine(folder.Root, $"cache-{effort}")
            );
            using JsonDocument evaluation = JsonDocument.Parse(
                File.ReadAllBytes(Path.Combine(run, "evaluation.json"))
            );
            double test = evaluation.RootElement.GetProperty("accuracy").GetDouble();
            JsonElement[] events = [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(Parse)];
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{effort}: {seconds:0.0} s, test accuracy {test:0.000}, "
                )
                    + $"shipped {evaluation.RootElement.GetProperty("shipped").GetString()}"
            );
            foreach (JsonElement better in events.Where(one => NameOf(one) == nameof(Improved)))
            {
                double accuracy = better.GetProperty("accuracy").GetDouble();
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {(TimeOf(better) - began).TotalSeconds,6:0.0} s  {better.GetProperty("candidate")}, "
                            + $"validation accuracy {accuracy:0.000}"
                    )
                );
            }

            PrintEstimates(events, TimeOf(events[^1]));
            if (effort == "quick" && images.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                PyTorch.ScikitLearn(images, seconds);
            }
        }
    }

    private static void PrintEstimates(JsonElement[] events, DateTimeOffset end)
    {
        foreach (JsonElement phase in events.Where(one => NameOf(one) == nameof(PhaseStarted)))
        {
            if (phase.GetProperty("left").GetString() is string text)
            {
                double estimated = TimeSpan.Parse(text, CultureInfo.InvariantCulture).TotalSeconds;
                double left = (end - TimeOf(phase)).TotalSeconds;
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  at {phase.GetProperty("phase"),-13} estimated {estimated,6:0.0} s, took {left,6:0.0} s, "
                            + $"ratio {estimated / left:0.00}"
                    )
                );
            }
        }
    }

    private static JsonElement Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private static string NameOf(JsonElement one) => one.GetProperty("event").GetString()!;

    private static DateTimeOffset TimeOf(JsonElement one) => one.GetProperty("time").GetDateTimeOffset();
}
