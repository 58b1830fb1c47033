using Graft.Data;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Network;
using TorchSharp;
using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Export;

/// <summary>Proves on real images that the exported file computes what was trained.</summary>
internal static class ParityCheck
{
    /// <summary>The largest difference of a probability that is let through, in float32.</summary>
    public const double Tolerance = 1e-3;

    private const int MostImages = 8;

    /// <summary>
    /// Compares the file's probabilities, by ONNX Runtime, with those of the network in TorchSharp; layers that TorchSharp cannot run lie before
    /// the cut and are run by ONNX Runtime on both sides.
    /// </summary>
    /// <param name="network">Takes normalised images, gives logits.</param>
    /// <param name="edge">Where the trained part begins.</param>
    /// <returns>The largest difference.</returns>
    /// <exception cref="GraftException">It is above <see cref="Tolerance"/>.</exception>
    public static double Run(byte[] exported, OnnxModel network, string edge, TrainableBody body, double temperature, IReadOnlyList<LabelledImage> images, DecodeLimits limits)
    {
        Preprocessor preprocessor = new(body.Preprocessing, limits);
        LabelledImage[] some = [.. images.Take(MostImages)];
        float[] pixels = [.. some.SelectMany(image => preprocessor.Render(image.File)).Select(p => (float)p)];
        using OnnxSession file = new(exported, "the exported model");
        float[] shipped = file.Run(pixels, [some.Length, .. body.InputShape])[0].Singles!;

        OnnxModel prefix = GraphEdit.Prefix(Normalisation.Prepend(network, body.Preprocessing), edge);
        using OnnxSession frozen = new(prefix, "the prefix");
        NetworkOutput activations = frozen.Run(pixels, [some.Length, .. body.InputShape])[0];
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph tail = new(GraphEdit.Tail(network, edge, body.InputShape));
        using IDisposable noGradient = inference_mode();
        Tensor logits = tail.Forward(tensor(activations.Singles!).view(activations.Shape));     // [N,C]
        float[] trained = [.. logits.Over(temperature).softmax(1).contiguous().data<float>()];   // [N,C]

        double difference = shipped.Zip(trained, (a, b) => Math.Abs((double)a - b)).Max();
        return difference <= Tolerance
            ? difference
            : throw new GraftException($"the exported model answers otherwise than the trained one (probabilities differ by {difference:0.####}, {Tolerance} is the limit); nothing was written: please report it");
    }
}
