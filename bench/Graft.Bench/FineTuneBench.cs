using System.Diagnostics;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Compares `graft train` with its defaults to fine-tuning all layers of the same body with TorchSharp's modules
/// (<see cref="TorchUser"/>). TorchSharp sees a new random crop of every image in every epoch.
/// </summary>
internal static class FineTuneBench
{
    public static void Run(string images, Settings settings)
    {
        TorchSetup.UseThreads(0);
        using TemporaryFolder folder = new();
        TrainingOptions options = new() { Cache = new() { Folder = Path.Combine(folder.Root, "cache") } };
        Stopwatch watch = Stopwatch.StartNew();
        TrainingResult result = Trainer.Train(images, Path.Combine(folder.Root, "run"), options);
        double graft = watch.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"graft train, defaults, cache empty: {graft:0} s, accuracy {result.Evaluation.Accuracy:0.000} "
                + $"({result.Evaluation.Shipped})"
        );

        TorchSetup.UseThreads(0);
        watch.Restart();
        TrainingData data = TrainingData.Read(images, DataPlan.Of(options), new Silence<TrainingEvent>(), default);
        using UserNet net = UserNet.Of(TorchUser.BodyName, NamedBodies.Load(TorchUser.BodyName).Model);
        using TorchUser user = new(net, data, data.ClassCount);
        int epochs = (int)settings.Number("epochs", 5);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            user.Train(epoch);
            double seconds = watch.Elapsed.TotalSeconds;
            double accuracy = user.Accuracy();
            Console.WriteLine(
                $"(b) epoch {epoch}: {seconds:0} s, accuracy {accuracy:0.000}; "
                    + $"graft took {graft / seconds:0.00} of that time"
            );
        }

        PyTorch.FineTune(images, epochs, graft);
    }
}
