using Graft.Onnx;
using Graft.Torch;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.FineTuning;
using Graft.Training.Run;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Bench;

/// <summary>
/// Measures training steps of the last layers and a head in images per second. Compares Graft, which reads cached
/// activations, to TorchSharp's modules, which compute the frozen layers in every step.
/// </summary>
internal static class StepBench
{
    private const int Classes = TailBench.Classes;

    /// <param name="bodyName">Name of the body.</param>
    /// <param name="edge">Where training begins: a share, edge or block, as in --train.</param>
    /// <param name="trained">Prefixes of the trained layers' names in <see cref="UserNet"/>.</param>
    /// <param name="settings">Batch, rounds and weight file.</param>
    public static void Run(string bodyName, string edge, string[] trained, Settings settings)
    {
        TorchSetup.UseThreads(0);
        int batch = (int)settings.Number("batch", 32);
        BodySource source = BodySource.Named(bodyName) with { InputSize = 224, Weights = settings.Text("weights") };
        (TrainableBody body, CutPoint cut) = TailBench.Load(source, edge);
        using Tensor labels = tensor([.. Enumerable.Range(0, batch).Select(i => (long)(i % Classes))]);
        using Tensor images = torch.rand([batch, .. body.InputShape]),
            imagesLast = ChannelsLast.Of(images);
        using Tensor activations = torch
            .rand([batch, cut.Shape[1], cut.Shape[2], cut.Shape[0]], dtype: ScalarType.BFloat16)
            .permute(0, 3, 1, 2);
        using UserStep plain = new(UserNet.Of(bodyName, body.Model), trained, labels),
            last = new(UserNet.Of(bodyName, body.Model, isChannelsLast: true), trained, labels);
        using TailStep single = new(body, cut, labels, ScalarType.Float32),
            half = new(body, cut, labels, ScalarType.BFloat16);

        Console.WriteLine($"{bodyName} from {cut.Edge} on ({cut.ShareAfter:P0} of the multiply-adds), batch {batch}");
        Rounds rounds = new(batch);
        rounds.Add("(b) TorchSharp, N,C,H,W float32, frozen layers in every step", () => plain.Run(images));
        rounds.Add("(b) TorchSharp, channels-last float32", () => last.Run(imagesLast));
        rounds.Add("Graft from the cache, float32", () => single.Run(activations));
        rounds.Add("Graft from the cache, bfloat16", () => half.Run(activations));
        int count = (int)settings.Number("rounds", 5);
        double[] seconds = rounds.Run(count);
        Console.WriteLine($"Graft in bfloat16 compared to (b) with channels-last: {seconds[1] / seconds[3]:0.00} x");
        if (PyTorch.Edges.GetValueOrDefault(bodyName) == edge)
        {
            PyTorch.Compare("step", bodyName, settings.Text("weights"), count, batch / seconds[0], batch / seconds[3]);
        }
    }

    private sealed class UserStep : IDisposable
    {
        private readonly UserNet _net;
        private readonly Linear _head;
        private readonly Tensor _labels;

        // does the same work as TorchSharp's, which passes numbers unsafely (docs/torchsharp.md)
        private readonly TailOptimizer _optimizer;

        public UserStep(UserNet net, string[] trained, Tensor labels)
        {
            (_net, _labels) = (net, labels);
            IReadOnlyList<Parameter> parameters = net.TrainOnly(trained);
            using IDisposable noGradient = no_grad();
            using DisposeScope scope = NewDisposeScope();
            long features = net.call(torch.zeros(1, 3, 224, 224)).shape[1];
            _head = Linear(features, Classes);
            _optimizer = new(OptimizerKind.Sgd, [new(true, 1, true, [.. parameters, .. _head.parameters()])], 1e-4);
        }

        public void Run(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logits = _head.call(_net.call(images).mean([2L, 3L]));
            functional.cross_entropy(logits, _labels).backward();
            _optimizer.Step(0.001, 0.001);
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _head.Dispose();
            _net.Dispose();
        }
    }
}
