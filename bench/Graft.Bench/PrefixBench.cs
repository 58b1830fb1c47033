using System.Diagnostics;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Network;
using Graft.Training.Phases;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Bench;

/// <summary>Images a second through a frozen body, side by side: Graft's engines against modules of TorchSharp.</summary>
internal static class PrefixBench
{
    private const int Batch = 16;

    public static void Run(string bodyName, string? weights, int rounds)
    {
        TorchSetup.UseThreads(0);
        TrainableBody body = TrainableBody.Load(new TrainingOptions { Body = bodyName, Weights = weights });
        long[] shape = [Batch, .. body.InputShape];
        float[] pixels = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(i => (float)Math.Sin(i * 0.37))];
        using UserNet user = UserNet.Of(bodyName, body.Model);
        using Tensor images = tensor(pixels, shape);
        using Graft.Onnx.Network onnx = new(body.Model.ToBytes(), bodyName, threads: 1);
        using Graft.Onnx.Network onnx2 = new(body.Model.ToBytes(), bodyName, threads: 0);
        using TorchGraph bf16 = new(body.Model, new() { ComputeType = ScalarType.BFloat16, IsTrainable = _ => false });
        using TorchGraph bf16b = new(body.Model, new() { ComputeType = ScalarType.BFloat16, IsTrainable = _ => false });
        using TorchGraph single = new(body.Model, new() { IsTrainable = _ => false });
        int one = pixels.Length / Batch;
        (string Name, Action Work)[] ways =
        [
            ("(b) TorchSharp modules, N,C,H,W float32, batch 16", () => Infer(() => user.call(images))),
            ("ONNX Runtime float32, an image a thread", () => Workers(w => onnx.Run(pixels.AsSpan(w * one, one).ToArray(), [1, .. body.InputShape]))),
            ("ONNX Runtime float32, batch 16", () => onnx2.Run(pixels, shape)),
            ("TorchGraph float32 channels-last, batch 16", () => Infer(() => single.Forward(images))),
            ("TorchGraph bfloat16, batch 16", () => Infer(() => bf16.Forward(images))),
            ("TorchGraph bfloat16, an image a thread", () => TwoThreads(1, images)),
            ("TorchGraph bfloat16, 4 images a thread", () => TwoThreads(4, images)),
            ("TorchGraph bfloat16, 8 images a thread", () => TwoThreads(8, images)),
        ];

        foreach (int size in (int[])[1, 2, 3, 4, 5, 7, 8, 9])
        {
            foreach (int threads in (int[])[1, 2])
            {
                torch.set_num_threads(threads);
                using DisposeScope scope = NewDisposeScope();
                using IDisposable mode = inference_mode();
                float[] whole = [.. bf16.Forward(images).contiguous().data<float>()];
                List<float> parts = [];
                for (int i = 0; i < Batch; i += size)
                {
                    parts.AddRange(bf16.Forward(images.narrow(0, i, Math.Min(size, Batch - i))).contiguous().data<float>());
                }

                Console.WriteLine($"batches of {size}, {threads} threads: {whole.Zip(parts).Count(p => p.First != p.Second)} of {whole.Length} differ from batch 16");
            }
        }

        double[] best = [.. ways.Select(_ => double.MaxValue)];
        for (int r = 0; r <= rounds; r++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                ways[i].Work();
                best[i] = r == 0 ? best[i] : Math.Min(best[i], watch.Elapsed.TotalSeconds);
            }
        }

        for (int i = 0; i < ways.Length; i++)
        {
            Console.WriteLine($"{ways[i].Name,-60} {Batch / best[i],8:0.0} images/s {best[0] / best[i],6:0.00} x");
        }

        void TwoThreads(int size, Tensor images)
        {
            Thread[] threads = [.. Enumerable.Range(0, 2).Select(t => new Thread(() =>
            {
                torch.set_num_threads(1);
                for (int i = t * size; i < Batch; i += 2 * size)
                {
                    Infer(() => (t == 0 ? bf16 : bf16b).Forward(images.narrow(0, i, size)));
                }
            }))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            torch.set_num_threads(2);
        }
    }

    private static void Infer(Func<Tensor> work)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = inference_mode();
        work();
    }

    private static void Workers(Action<int> work) => Parallel.For(0, Batch, new ParallelOptions { MaxDegreeOfParallelism = 2 }, work);
}
