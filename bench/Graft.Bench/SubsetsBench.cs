using System.Globalization;
using Graft.Training;

namespace Graft.Bench;

/// <summary>
/// Checks that the shipped model is never worse than the probe: default trainings on many small random subsets, both
/// models on the same test images.
/// </summary>
internal static class SubsetsBench
{
    public static void Run(string[] sets, Settings settings)
    {
        string folder = Directory.CreateTempSubdirectory("graft-bench-").FullName;
        int[] sizes =
        [
            .. (settings.Text("images") ?? "5,10,20")
                .Split(',')
                .Select(size => int.Parse(size, CultureInfo.InvariantCulture)),
        ];
        int count = (int)settings.Number("subsets", 10); // of each set
        List<(double Shipped, double Probe, double Error)> rows = [];
        Console.WriteLine(
            "| data | images per class | seed | test | probe | shipped | difference | standard error | which | seconds "
                + "|\n|---|---|---|---|---|---|---|---|---|---|"
        );
        foreach (string path in sets)
        {
            ImageSet set = ImageSet.Load(path);
            for (int i = 0; i < count; i++)
            {
                (int size, int seed) = (sizes[i % sizes.Length], (int)settings.Number("first", 1) + i);
                string run = Path.Combine(folder, $"run-{rows.Count}");
                TrainingOptions options = new()
                {
                    Threads = (int)settings.Number("threads", 0),
                    Views = settings.Text("views") is null ? null : (int)settings.Number("views", 0),
                    FineTune = new() { Search = settings.Choice("search", new FineTuneOptions().Search) },
                };
                TrainingResult result = Trainer.Train(Subset.Write(set, folder, size, seed), run, options);
                int test = result.Evaluation.Count;
                double probe = result.Evaluation.ProbeAccuracy;
                double error = Math.Sqrt(probe * (1 - probe) / test);
                rows.Add((result.Evaluation.Accuracy, probe, error));
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {Path.GetFileNameWithoutExtension(path)} | {size} | {seed} | {test} | {probe:0.0000} "
                            + $"| {result.Evaluation.Accuracy:0.0000} "
                            + $"| {result.Evaluation.Accuracy - probe:+0.0000;-0.0000;0} | {error:0.0000} "
                            + $"| {result.Evaluation.Shipped} | {result.Evaluation.Seconds.Values.Sum():0} |"
                    )
                );
                Directory.Delete(run, recursive: true);
            }
        }

        int below = rows.Count(row => row.Shipped < row.Probe - row.Error);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows.Count} subsets: shipped below the probe by more than a standard error in {below}; "
                    + $"mean difference {rows.Average(row => row.Shipped - row.Probe):+0.0000;-0.0000}"
            )
        );
        Directory.Delete(folder, recursive: true);
    }
}
