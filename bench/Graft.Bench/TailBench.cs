using System.Diagnostics;
using Graft.Onnx;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Network;
using Graft.Training.Phases;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Bench;

/// <summary>Images a second of a training step.</summary>
internal static class TailBench
{
    public static void Run(string bodyName, string? weights, string train, int batch, int rounds)
    {
        TorchSetup.UseThreads(0);
        TrainingOptions options = new() { Body = bodyName, Weights = weights, Train = train };
        TrainableBody body = TrainableBody.Load(options);
        CutPoint cut = CutChoice.Choose(CutPoints.Of(body.Model, body.InputShape), options.Train);
        const int classes = 17;
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Seam, Pooling.Average);
        long features = ShapeProbe.Measure(pooled, [HeadBuilder.Features], 1, body.InputShape)[HeadBuilder.Features][1];
        HeadBuilder.AppendLayers(pooled, [new LinearLayer(classes, (int)features, new double[classes * features], new double[classes])], 0);
        OnnxModel tailModel = GraphEdit.Tail(pooled, cut.Edge, body.InputShape);
        Console.WriteLine($"{bodyName} from {cut.Edge}, {cut.ShareAfter:P0} of the cost, batch {batch}");
        using Tensor labels = tensor(Enumerable.Range(0, batch).Select(i => (long)(i % classes)).ToArray());
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            using TorchGraph tail = new(tailModel, new() { ComputeType = type });
            using TailOptimizer optimizer = new(OptimizerKind.Sgd, ParameterGroup.Of(tailModel, tail.Parameters, 0.7), 1e-4);
            using Tensor input0 = torch.rand([batch, cut.Shape[1], cut.Shape[2], cut.Shape[0]], dtype: ScalarType.BFloat16).permute(0, 3, 1, 2);
            (double forward, double backward, double step) = (double.MaxValue, double.MaxValue, double.MaxValue);
            for (int r = 0; r < rounds; r++)
            {
                using DisposeScope scope = NewDisposeScope();
                Stopwatch watch = Stopwatch.StartNew();
                Tensor loss = nn.functional.cross_entropy(tail.Forward(input0), labels);
                double f = watch.Elapsed.TotalSeconds;
                loss.backward();
                double b = watch.Elapsed.TotalSeconds;
                optimizer.Step(0.001, 0.001);
                double s = watch.Elapsed.TotalSeconds;
                (forward, backward, step) = (Math.Min(forward, f), Math.Min(backward, b - f), Math.Min(step, s - b));
            }

            Console.WriteLine($"{type}: forward {forward * 1e3:0.0} ms, backward {backward * 1e3:0.0} ms, optimiser {step * 1e3:0.0} ms: {batch / (forward + backward + step):0.0} images/s");
        }
    }
}
