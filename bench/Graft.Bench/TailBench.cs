using System.Globalization;
using Graft.Onnx;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Bench;

/// <summary>
/// Trains a tail on one batch of random activations, and prints the milliseconds of its parts. For a profile by
/// operator, run it under perf with ONEDNN_JIT_PROFILE=2.
/// </summary>
internal static class TailBench
{
    /// <summary>Number of classes of the head.</summary>
    public const int Classes = 17;

    /// <param name="bodyName">Name of the body.</param>
    /// <param name="settings">Edge, batch, size, threads, steps, type and weight file.</param>
    public static void Run(string bodyName, Settings settings)
    {
        TorchSetup.UseThreads((int)settings.Number("threads", 0));
        int batch = (int)settings.Number("batch", 32);
        int steps = (int)settings.Number("steps", 20);
        BodySource source = BodySource.Named(bodyName) with { Weights = settings.Text("weights") };
        source = settings.Number("size", 0) is > 0 and double size ? source with { InputSize = (int)size } : source;
        (TrainableBody body, CutPoint cut) = Load(source, settings.Text("edge"));
        using Tensor labels = tensor([.. Enumerable.Range(0, batch).Select(i => (long)(i % Classes))]);
        using Tensor activations = torch
            .rand([batch, cut.Shape[1], cut.Shape[2], cut.Shape[0]], dtype: ScalarType.BFloat16)
            .permute(0, 3, 1, 2);
        using IDisposable freed = ProcessMemory.KeepFreedBlocks();
        using TailStep tail = new(body, cut, labels, settings.Choice("type", ScalarType.BFloat16));
        Console.WriteLine($"{bodyName} from {cut.Edge} on ({cut.ShareAfter:P0} of the multiply-adds), batch {batch}");
        for (int i = 0; i < 3; i++)
        {
            tail.Run(activations);
        }

        (double forward, double backward, double update) = (tail.Forward, tail.Backward, tail.Update);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long faults = PageFaults();
        for (int i = 0; i < steps; i++)
        {
            tail.Run(activations);
        }

        Print("forward", tail.Forward - forward);
        Print("backward", tail.Backward - backward);
        Print("update", tail.Update - update);
        Print("processor time", (Environment.CpuUsage.TotalTime - processor).TotalSeconds);

        Console.WriteLine($"page faults     {(PageFaults() - faults) / steps,8} a step");

        void Print(string part, double seconds) =>
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{part,-15} {1000 * seconds / steps,8:0.0} ms a step")
            );
    }

    // pages that the system gave to this process; Linux only
    private static long PageFaults()
    {
        const int MinorFaults = 7; // field 10 of stat, counted behind the name
        string stat = File.ReadAllText("/proc/self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[MinorFaults], CultureInfo.InvariantCulture);
    }

    /// <summary>Loads a body with its cut.</summary>
    /// <param name="source">The body.</param>
    /// <param name="edge">Where training begins: a share, edge or block, as in --train; null: the default.</param>
    public static (TrainableBody Body, CutPoint Cut) Load(BodySource source, string? edge)
    {
        TrainingOptions options = new()
        {
            Body = source,
            FineTune = new() { Train = Settings.Part(edge) },
        };
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        CutPoint cut = TrainableCut.Choose(
            body.Model,
            CutPoints.Find(body.Model, body.InputShape),
            ExtractionPlans.CutOf(options),
            out _
        )!;
        return (body, cut);
    }
}
