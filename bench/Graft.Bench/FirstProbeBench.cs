using System.Diagnostics;
using System.Text.Json;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Compares `graft probe`, with an empty and with a filled cache, to feature extraction and a linear classifier in
/// TorchSharp or PyTorch. Graft's time is that of the whole process.
/// </summary>
internal static class FirstProbeBench
{
    private const int Repetitions = 5;

    public static void Run(string images)
    {
        using TemporaryFolder folder = new();
        double first = Probe(0);
        double[] again = [.. Enumerable.Range(1, Repetitions).Select(Probe).Order()];
        double median = again[Repetitions / 2];
        bool isSame = File.ReadAllBytes(ModelOf(0)).AsSpan().SequenceEqual(File.ReadAllBytes(ModelOf(1)));
        using JsonDocument evaluation = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(FolderOf(0), "evaluation.json"))
        );
        double graftAccuracy = evaluation.RootElement.GetProperty("accuracy").GetDouble();
        Console.WriteLine($"graft probe, cache empty: {first:0.0} s, accuracy {graftAccuracy:0.000}");
        string model = isSame ? "the same model.onnx, byte by byte" : "ANOTHER model.onnx";
        Console.WriteLine(
            $"graft probe again, median of {Repetitions}: {median:0.00} s (fastest {again[0]:0.00}), "
                + $"{first / median:0} times as fast; {model}"
        );

        TorchSetup.UseThreads(0);
        TrainingOptions options = new() { Cache = new() { IsOn = false } };
        Stopwatch watch = Stopwatch.StartNew();
        TrainingData data = TrainingData.Read(images, DataPlan.Of(options), new Silence<TrainingEvent>(), default);
        using UserNet net = UserNet.Of(TorchUser.BodyName, NamedBodies.Load(TorchUser.BodyName).Model);
        using TorchUser user = new(net, data, data.ClassCount);
        double accuracy = user.Probe();
        double seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"(b) one view at 224 pixels, one penalty, no validation: {seconds:0.0} s, accuracy {accuracy:0.000}; "
                + $"graft's first probe took {first / seconds:0.00} of that time, the next {median / seconds:0.00}"
        );
        PyTorch.Probe(images, first, median);

        double Probe(int number) =>
            GraftProgram.Seconds(
                GraftProgram.Built,
                ["probe", images, "--out", FolderOf(number)],
                Path.Combine(folder.Root, "cache")
            );

        string FolderOf(int number) => Path.Combine(folder.Root, $"probe-{number}");

        string ModelOf(int number) => Path.Combine(FolderOf(number), "model.onnx");
    }
}
