using System.Diagnostics;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Compares `graft train` with its defaults to fine-tuning all layers of the same body with TorchSharp's modules
/// (<see cref="TorchUser"/>). TorchSharp sees a new random crop of every image in every epoch. Draws the accuracy of
/// the best model so far against the seconds.
/// </summary>
internal static class FineTuneBench
{
    public static void Run(string images, Settings settings)
    {
        TorchSetup.UseThreads(0);
        using TemporaryFolder folder = new();
        TrainingOptions options = new() { Cache = new() { Folder = Path.Combine(folder.Root, "cache") } };
        ModelCopies models = new(folder.Root);
        Stopwatch watch = Stopwatch.StartNew();
        TrainingResult result = Trainer.Train(images, Path.Combine(folder.Root, "run"), options, models);
        double graft = watch.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"graft train, defaults, cache empty: {graft:0} s, accuracy {result.Evaluation.Accuracy:0.000} "
                + $"({result.Evaluation.Shipped})"
        );

        TorchSetup.UseThreads(0);
        watch.Restart();
        TrainingData data = TrainingData.Read(images, DataPlan.Of(options), new Silence<TrainingEvent>(), default);
        double reading = watch.Elapsed.TotalSeconds;
        AccuracyCurve curve = new();
        foreach ((string model, double seconds) in models.Found)
        {
            double better = AccuracyCurve.OnTestImages(model, data);
            curve.Add("Graft", seconds, better);
            Console.WriteLine($"  model after {seconds:0.0} s: accuracy {better:0.000}");
        }

        watch.Restart();
        using UserNet net = UserNet.Of(TorchUser.BodyName, NamedBodies.Load(TorchUser.BodyName).Model);
        using TorchUser user = new(net, data, data.ClassCount);
        int epochs = (int)settings.Number("epochs", 5);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            user.Train(epoch);
            double seconds = reading + watch.Elapsed.TotalSeconds;
            double accuracy = user.Accuracy();
            curve.Add("(b) TorchSharp", seconds, accuracy);
            Console.WriteLine(
                $"(b) epoch {epoch}: {seconds:0} s, accuracy {accuracy:0.000}; "
                    + $"graft took {graft / seconds:0.00} of that time"
            );
        }

        PyTorch.FineTune(images, epochs, graft, curve);
        if (settings.Text("curve") is string path)
        {
            curve.Write(path);
        }
    }

    /// <summary>Copies each model that a training writes, with the seconds since its start.</summary>
    private sealed class ModelCopies(string folder) : IProgress<TrainingEvent>
    {
        public List<(string Model, double Seconds)> Found { get; } = [];

        public void Report(TrainingEvent value)
        {
            if (value is Improved better)
            {
                string copy = Path.Combine(folder, $"model{Found.Count}.onnx");
                File.Copy(better.ModelPath, copy);
                Found.Add((copy, better.Seconds));
            }
        }
    }
}
