using Graft.Imaging;
using Graft.Torch;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.FineTuning;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Bench;

/// <summary>
/// (b) of the comparisons: EfficientNet-Lite0 and a linear head in TorchSharp's modules. Graft's fast decoder reads the
/// images on another thread. Batch normalisation is in training mode while the body is trained, by SGD with momentum.
/// </summary>
/// <param name="net">EfficientNet-Lite0.</param>
/// <param name="data">Images for training. Null: it can only predict.</param>
/// <param name="classCount">Number of classes.</param>
internal sealed class TorchUser(UserNet net, TrainingData? data, int classCount) : IDisposable
{
    public const string BodyName = "efficientnet_lite0";

    private const int Batch = 32;
    private const int PrefixBatch = 16;
    private const double Rate = 0.01;
    private const int ProbeSteps = 500;
    private const double ProbeRate = 0.01;
    private const double WeightDecay = 1e-4;

    // the transform of the pretraining, which a user of modules would take
    private static readonly Preprocessing s_recipe = NamedBodies.Find(BodyName).Preprocessing;
    private readonly Preprocessor _preprocessor = new(s_recipe);
    private readonly Linear _head = Linear(1280, classCount);
    private TailOptimizer? _optimizer; // TorchSharp's passes numbers unsafely (docs/torchsharp.md)

    private TrainingData Data => data ?? throw new InvalidOperationException("there are no images");

    /// <summary>Fine-tunes all layers for one epoch with a new random crop of every image.</summary>
    public void Train(int epoch)
    {
        _optimizer ??= new(
            OptimizerKind.Sgd,
            [new(true, 1, true, [.. net.TrainOnly(""), .. _head.parameters()])],
            WeightDecay
        );
        net.train();
        LabelledImage[] order = [.. Data.Everything];
        new Random(epoch).Shuffle(order);
        foreach ((float[] pixels, long[] labels) in Batches(order, epoch, Batch).Prefetched())
        {
            using DisposeScope scope = NewDisposeScope();
            functional.cross_entropy(_head.call(Features(pixels, labels.Length)), tensor(labels)).backward();
            _optimizer.Step(Rate, Rate);
        }
    }

    /// <summary>Accuracy on the test images, 0 to 1.</summary>
    public double Accuracy()
    {
        net.eval();
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor labels) = Frozen(Data.Test);
        return Accuracy(features, labels);
    }

    /// <summary>
    /// Extracts the features of the plain views and trains a linear classifier on the standardised features by
    /// full-batch steps. Returns the accuracy on the test images.
    /// </summary>
    public double Probe()
    {
        net.eval();
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor labels) = Frozen(Data.Everything);
        (Tensor mean, Tensor deviation) = (
            features.mean([0L]),
            maximum(features.std(0), AlignedTensor.Of([1e-6f], [1]))
        );
        Tensor standard = (features - mean) / deviation;
        using TailOptimizer optimizer = new(
            OptimizerKind.Sgd,
            [new(true, 1, true, [.. _head.parameters()])],
            WeightDecay
        );
        for (int step = 0; step < ProbeSteps; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            functional.cross_entropy(_head.call(standard), labels).backward();
            optimizer.Step(ProbeRate, ProbeRate);
        }

        using IDisposable noGradient = no_grad();
        (Tensor test, Tensor testLabels) = Frozen(Data.Test);
        return Accuracy((test - mean) / deviation, testLabels);
    }

    /// <summary>Index of the class of one image.</summary>
    public int Predict(byte[] file)
    {
        net.eval();
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        float[] pixels = Array.ConvertAll(_preprocessor.Render(file), value => (float)value);
        return (int)_head.call(Features(pixels, 1)).softmax(1).argmax(1).item<long>();
    }

    /// <summary>Writes the weights in TorchSharp's format.</summary>
    public void Save(string folder)
    {
        net.save(Path.Combine(folder, "net.dat"));
        _head.save(Path.Combine(folder, "head.dat"));
    }

    /// <summary>Reads the weights that <see cref="Save"/> wrote.</summary>
    public void Load(string folder)
    {
        net.load(Path.Combine(folder, "net.dat"));
        _head.load(Path.Combine(folder, "head.dat"));
    }

    public void Dispose()
    {
        _optimizer?.Dispose();
        _head.Dispose();
    }

    private double Accuracy(Tensor features, Tensor labels) =>
        _head.call(features).argmax(1).eq(labels).to(ScalarType.Float32).mean().item<float>();

    private (Tensor Features, Tensor Labels) Frozen(IReadOnlyList<LabelledImage> images)
    {
        using IDisposable noGradient = no_grad();
        List<Tensor> features = [];
        foreach ((float[] pixels, long[] labels) in Batches(images, 0, PrefixBatch).Prefetched())
        {
            using DisposeScope scope = NewDisposeScope();
            features.Add(Features(pixels, labels.Length).MoveToOuterDisposeScope());
        }

        return (cat(features), tensor([.. Data.LabelsOf(images).Select(label => (long)label)]));
    }

    // [N,1280]
    private Tensor Features(float[] pixels, int count)
    {
        Tensor images = AlignedTensor.Of(pixels, [count, 3, s_recipe.Height, s_recipe.Width]);
        Tensor mean = AlignedTensor.Of([s_recipe.Mean.Red, s_recipe.Mean.Green, s_recipe.Mean.Blue], [1, 3, 1, 1]);
        Tensor deviation = AlignedTensor.Of(
            [s_recipe.Deviation.Red, s_recipe.Deviation.Green, s_recipe.Deviation.Blue],
            [1, 3, 1, 1]
        );
        return net.call((images - mean) / deviation).mean([2L, 3L]);
    }

    // View 0 is the plain view.
    private IEnumerable<(float[] Pixels, long[] Labels)> Batches(
        IReadOnlyList<LabelledImage> images,
        int view,
        int size
    )
    {
        int[] labels = Data.LabelsOf(images);
        for (int first = 0; first < images.Count; first += size)
        {
            LabelledImage[] some = [.. images.Skip(first).Take(size)];
            byte[] planes = new byte[some.Length * _preprocessor.PixelBytes];
            Parallel.For(0, some.Length, i =>
                _preprocessor.Render(
                    File.ReadAllBytes(some[i].File!),
                    some[i].Name,
                    [view == 0 ? ImageView.Plain : new ImageView((uint)view, 1)],
                    planes.AsSpan(i * _preprocessor.PixelBytes, _preprocessor.PixelBytes)
                )
            );
            yield return (
                Array.ConvertAll(planes, value => (float)value),
                [.. labels.Skip(first).Take(size).Select(label => (long)label)]
            );
        }
    }
}
