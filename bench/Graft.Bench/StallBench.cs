using System.Globalization;
using Graft.Training;

namespace Graft.Bench;

/// <summary>
/// Trains a random head of 4096-4096 units on five images of each class. Plain SGD stalls, another optimiser does not,
/// and a simpler head beats both.
/// </summary>
internal static class StallBench
{
    public static void Run(string images, Settings settings)
    {
        string folder = Directory.CreateTempSubdirectory("graft-bench-").FullName;
        string csv = Subset.Write(
            ImageSet.Load(images),
            folder,
            (int)settings.Number("images", 5),
            (int)settings.Number("seed", 1)
        );
        TrainingOptions options = new()
        {
            Body = settings.Body(),
            Threads = (int)settings.Number("threads", 0),
            Head = new()
            {
                Start = HeadStart.Random,
                Hidden =
                [
                    .. (settings.Text("hidden") ?? "4096,4096")
                        .Split(',')
                        .Select(width => int.Parse(width, CultureInfo.InvariantCulture)),
                ],
                Dropout = settings.Number("dropout", 0.5),
                Pooling = settings.Choice("pooling", Pooling.Average),
            },
            HeadTraining = new()
            {
                Optimizer = settings.Choice("optimizer", OptimizerKind.Sgd),
                Rate = settings.Text("rate") is null ? null : settings.Number("rate", 0),
            },
            FineTune = new() { Epochs = 0 },
        };
        TrainingResult result = Trainer.Train(csv, Path.Combine(folder, "run"), options, new Lines());
        Console.WriteLine(
            $"shipped: {result.Evaluation.Shipped}, test accuracy {result.Evaluation.Accuracy:0.000}, "
                + $"of the probe {result.Evaluation.ProbeAccuracy:0.000}. {result.Evaluation.Reason}"
        );
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Lines : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            string? line = value switch
            {
                EpochEnded epoch => $"  {epoch.Phase} {epoch.Epoch}: training loss {epoch.TrainLoss:0.000}",
                Notice notice => notice.Text,
                PhaseEnded ended => $"{ended.Phase}: {ended.Result}",
                _ => null,
            };
            if (line is not null)
            {
                Console.WriteLine(line);
            }
        }
    }
}
