using System.Text.Json;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>What several seeds came to: a row each, their mean and spread, and which model is shipped.</summary>
internal static class SeedsView
{
    public static void Write(RepeatedTraining all, string folder, Terminal terminal)
    {
        if (all.Accuracy is not null)
        {
            string test = all.IsOneTest switch
            {
                true => "on the same test images",
                false => "each on test images of its own split",
                null => "on its test images",
            };
            terminal.WriteField(
                AreSets(all) ? "Mean AP:" : "Accuracy:",
                $"{Text(all.Accuracy)} ({all.Seeds.Count} of {all.SeedCount} seeds, {test}; mean and "
                    + "standard deviation)"
            );
            terminal.WriteField("Probe:", Text(all.ProbeAccuracy!));
            terminal.WriteField(
                "Model:",
                $"{Printable.Text(Path.Combine(folder, "model.onnx"))} (seed {all.FirstSeed}: the first, "
                    + "not the luckiest)"
            );
        }

        terminal.Output.WriteLine();
        Table(all).WriteTo(terminal.OutputConsole);
    }

    /// <summary>seeds.json as it is, with the folder in front.</summary>
    public static void WriteJson(RepeatedTraining all, string folder, TextWriter output)
    {
        using JsonDocument seeds = JsonDocument.Parse(all.ToJson());
        JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("folder", folder);
            foreach (JsonProperty property in seeds.RootElement.EnumerateObject())
            {
                property.WriteTo(json);
            }

            json.WriteEndObject();
        });
    }

    private static ResultTable Table(RepeatedTraining all)
    {
        ResultTable table = new(
            ["seed", "shipped", AreSets(all) ? "mAP" : "accuracy", "the probe's", "validation", "stopped because"],
            [0, 2, 3, 4]
        );
        foreach (SeedResult seed in all.Seeds)
        {
            table.Add(
                $"{seed.Seed}",
                seed.Shipped,
                $"{seed.Accuracy:0.000}",
                $"{seed.ProbeAccuracy:0.000}",
                $"{seed.ValidationAccuracy:0.000}",
                Printable.Text(seed.Stopped)
            );
        }

        return table;
    }

    private static bool AreSets(RepeatedTraining all) =>
        all.Seeds.Any(seed => seed.Task == ClassificationTask.MultiLabel);

    private static string Text(MeanAndSpread value) =>
        $"{value.Mean:0.000}" + (value.StandardDeviation is double spread ? $" ± {spread:0.000}" : "");
}
