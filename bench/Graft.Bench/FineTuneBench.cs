using System.Diagnostics;
using Graft.Data;
using Graft.Imaging;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Network;
using Graft.Training.Phases;
using Graft.Training.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Bench;

/// <summary>
/// The whole way: `graft train` with its defaults against fine-tuning all layers of the same body for some epochs as a user of TorchSharp writes it (a new random crop of every image in every
/// epoch, decoded by Graft's own fast decoder on a thread beside; batch-norm in training mode; SGD with momentum, rate 0.01).
/// </summary>
internal static class FineTuneBench
{
    private const int Batch = 32;
    private const double Rate = 0.01;

    public static void Run(string images, Settings settings)
    {
        TorchSetup.UseThreads(0);
        using TemporaryFolder folder = new();
        TrainingOptions options = new() { Cache = new() { Folder = Path.Combine(folder.Root, "cache") } };
        Stopwatch watch = Stopwatch.StartNew();
        TrainingResult result = Trainer.Train(images, Path.Combine(folder.Root, "run"), options);
        double graft = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"graft train, defaults, cache empty: {graft:0} s, accuracy {result.Evaluation.Accuracy:0.000} ({result.Shipped})");

        TorchSetup.UseThreads(0);
        watch.Restart();
        TrainingData data = TrainingData.Read(images, options with { Cache = options.Cache with { IsOn = false } }, new Silence<TrainingEvent>(), default);
        TrainableBody body = TrainableBody.Load(options with { Size = 224 });   // as it was pretrained, which is what a user of modules does
        using UserNet net = UserNet.Of(options.Body, body.Model);
        using User user = new(net, data, body);
        int epochs = (int)settings.Number("epochs", 5);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            user.Train(epoch);
            double seconds = watch.Elapsed.TotalSeconds;
            double accuracy = user.Accuracy();
            Console.WriteLine($"(b) epoch {epoch}: {seconds:0} s, accuracy {accuracy:0.000}; graft took {graft / seconds:0.00} of that time");
        }

        PyTorch.FineTune(images, epochs, graft);
    }

    private sealed class User(UserNet net, TrainingData data, TrainableBody body) : IDisposable
    {
        private readonly Preprocessor _preprocessor = new(body.Preprocessing);
        private readonly Linear _head = Linear(1280, data.ClassCount);
        private TailOptimizer? _optimizer;   // TorchSharp's own pass numbers unsafely (docs/torchsharp.md); the same work

        public void Train(int epoch)
        {
            _optimizer ??= new(OptimizerKind.Sgd, [new(true, 1, true, [.. net.TrainOnly(""), .. _head.parameters()])], 1e-4);
            net.train();
            LabelledImage[] order = [.. data.Everything];
            new Random(epoch).Shuffle(order);
            foreach ((float[] Pixels, long[] Labels) batch in Batches(order, epoch).Ahead())
            {
                using DisposeScope scope = NewDisposeScope();
                using Tensor labels = tensor(batch.Labels);
                functional.cross_entropy(Logits(batch.Pixels, batch.Labels.Length), labels).backward();
                _optimizer.Step(Rate, Rate);
            }
        }

        public double Accuracy()
        {
            net.eval();
            using IDisposable noGradient = no_grad();
            int correct = 0;
            foreach ((float[] Pixels, long[] Labels) batch in Batches(data.Test, 0).Ahead())
            {
                using DisposeScope scope = NewDisposeScope();
                long[] answers = Logits(batch.Pixels, batch.Labels.Length).argmax(1).data<long>().ToArray();
                correct += answers.Zip(batch.Labels).Count(pair => pair.First == pair.Second);
            }

            return (double)correct / data.Test.Count;
        }

        public void Dispose()
        {
            _optimizer?.Dispose();
            _head.Dispose();
        }

        private Tensor Logits(float[] pixels, int count)
        {
            Preprocessing recipe = body.Preprocessing;
            Tensor images = AlignedTensor.Of(pixels, [count, 3, recipe.Height, recipe.Width]);
            Tensor mean = AlignedTensor.Of([recipe.Mean.Red, recipe.Mean.Green, recipe.Mean.Blue], [1, 3, 1, 1]);
            Tensor deviation = AlignedTensor.Of([recipe.Deviation.Red, recipe.Deviation.Green, recipe.Deviation.Blue], [1, 3, 1, 1]);
            return _head.call(net.call((images - mean) / deviation).mean([2L, 3L]));
        }

        // View 0 is the plain one.
        private IEnumerable<(float[] Pixels, long[] Labels)> Batches(IReadOnlyList<LabelledImage> images, int view)
        {
            int[] labels = data.LabelsOf(images);
            for (int first = 0; first < images.Count; first += Batch)
            {
                LabelledImage[] some = [.. images.Skip(first).Take(Batch)];
                byte[] planes = new byte[some.Length * _preprocessor.PixelBytes];
                Parallel.For(0, some.Length, i => _preprocessor.Render(
                    File.ReadAllBytes(some[i].File), some[i].Path, [view == 0 ? View.Plain : new View((uint)view, 1)], planes.AsSpan(i * _preprocessor.PixelBytes, _preprocessor.PixelBytes)));
                yield return (Array.ConvertAll(planes, value => (float)value), [.. labels.Skip(first).Take(Batch).Select(label => (long)label)]);
            }
        }
    }
}
