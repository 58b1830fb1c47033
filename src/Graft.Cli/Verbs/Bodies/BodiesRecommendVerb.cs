using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies recommend: three networks by the speed measured here and the published accuracy.</summary>
internal static class BodiesRecommendVerb
{
    private const string BudgetName = "--budget-ms";
    private const double LongestMilliseconds = 1e6;

    // Their licences restrict use, so that the catalogue leaves them out.
    private const string LeftOut =
        "Left out: DINOv3 and Apple's networks (MobileCLIP, FastViT); their weights are not under a free licence.";

    public static Verb Create()
    {
        Verb verb = new(
            "recommend",
            "Names up to three networks that no other beats in both speed, measured here, and accuracy on ImageNet, "
                + "as published: where their weights are, and their licences. Takes about half a minute.",
            "graft bodies recommend",
            "graft bodies recommend --budget-ms 30"
        );
        Option<double?> budget = Flag.NumberOrNone<double>(
            BudgetName,
            "N",
            "The longest time for one image in milliseconds, all cores working on it"
        );
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        LoudnessFlags loudness = new();
        Array.ForEach([budget, .. loudness.All, json], verb.Options.Add);
        verb.Check = parsed => Budget(parsed.GetValue(budget));
        verb.Work = (parsed, terminal, cancel) =>
        {
            TimeSpan? longest = Budget(parsed.GetValue(budget));
            IReadOnlyList<BodyRecommendation> chosen = ProgressView.Run(terminal, loudness.Read(parsed), progress =>
                BodyCatalog.Recommend(longest, progress: progress, cancel: cancel)
            );
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, writer => WriteJson(writer, chosen));
            }
            else
            {
                Write(chosen, terminal);
            }

            return ExitCode.Done;
        };
        return verb;
    }

    private static TimeSpan? Budget(double? milliseconds) =>
        milliseconds is null ? null
        : milliseconds is > 0 and <= LongestMilliseconds ? TimeSpan.FromMilliseconds(milliseconds.Value)
        : throw new UsageException(
            $"'{BudgetName}' cannot be {milliseconds}: it must lie above 0 and not above {LongestMilliseconds:N0}"
        );

    /// <summary>The table, its sources, and how to get what is not here.</summary>
    internal static void Write(IReadOnlyList<BodyRecommendation> chosen, Terminal terminal)
    {
        TextWriter output = terminal.Output;
        if (chosen.Count == 0)
        {
            output.WriteLine("No network of the catalogue is that fast here; allow more time.");
            return;
        }

        ResultTable table = new(
            ["body", "ImageNet", "ms an image", "images/s", "parameters", "input", "weights", "licence"],
            [1, 2, 3, 4]
        );
        foreach (BodyRecommendation one in chosen)
        {
            table.Add(
                one.Body.Name,
                $"{100 * one.Body.ImageNetAccuracy:0.0} %",
                $"{one.TimeOfImage.TotalMilliseconds:0.0}",
                $"{one.ImagesPerSecond:0.0}",
                $"{one.Body.Parameters:N0}",
                $"{one.Body.InputWidth} x {one.Body.InputHeight}",
                BodiesVerb.Words(one.Body.Availability),
                Printable.Text(one.Body.License ?? "not stated")
            );
        }

        table.WriteTo(terminal.OutputConsole);
        output.WriteLine();
        output.WriteLine("ImageNet: top-1 accuracy as published, " + Sources(chosen) + ".");
        output.WriteLine(
            "Speed: measured here, one image at a time. Compare probes on your own images before you choose."
        );
        foreach (BodyRecommendation one in chosen.Where(one => !one.Body.IsReady))
        {
            output.WriteLine(
                one.Body.Availability == BodyAvailability.CanBePulled
                    ? $"To get {one.Body.Name}: graft bodies pull {one.Body.Name}"
                    : $"To get {one.Body.Name}: fetch model.safetensors from {one.Body.WeightsPage}, then "
                        + $"graft bodies add {one.Body.Name} model.safetensors"
            );
        }

        output.WriteLine(LeftOut);
    }

    private static string Sources(IReadOnlyList<BodyRecommendation> chosen) =>
        string.Join(
            "; ",
            chosen
                .GroupBy(one => one.Body.AccuracySource)
                .Select(group => $"{string.Join(", ", group.Select(one => one.Body.Name))}: {group.Key}")
        );

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<BodyRecommendation> chosen)
    {
        json.WriteStartArray();
        foreach (BodyRecommendation one in chosen)
        {
            json.WriteStartObject();
            json.WriteString("name", one.Body.Name);
            BodiesVerb.WriteAccuracy(json, one.Body);
            json.WriteNumber("milliseconds", one.TimeOfImage.TotalMilliseconds);
            json.WriteNumber("imagesPerSecond", one.ImagesPerSecond);
            json.WriteNumber("parameters", one.Body.Parameters);
            json.WriteString("weights", BodiesVerb.Words(one.Body.Availability));
            json.WriteString("licence", one.Body.License);
            json.WriteString("page", one.Body.WeightsPage ?? one.Body.Address);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
