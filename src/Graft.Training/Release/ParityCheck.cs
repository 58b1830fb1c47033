using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Release;

/// <summary>Proves on real images that the exported file computes what was trained.</summary>
internal static class ParityCheck
{
    /// <summary>The largest difference of a probability that is let through, in float32.</summary>
    public const double Tolerance = 1e-3;

    private const int MostImages = 8;

    /// <summary>
    /// Compares the file's probabilities, by ONNX Runtime, with those of the network in TorchSharp; layers that
    /// TorchSharp cannot run lie before
    /// the cut and are run by ONNX Runtime on both sides.
    /// </summary>
    /// <param name="network">Takes normalised images, gives logits.</param>
    /// <param name="edge">Where the trained part begins.</param>
    /// <param name="cache">Keeps what ONNX Runtime answers; the part in TorchSharp is computed every time.</param>
    /// <returns>The largest difference.</returns>
    /// <exception cref="GraftException">It is above <see cref="Tolerance"/>.</exception>
    public static double Run(
        byte[] exported,
        OnnxModel network,
        string edge,
        TrainableBody body,
        double temperature,
        IReadOnlyList<LabelledImage> images,
        DecodeLimits limits,
        ActivationCache? cache
    )
    {
        Preprocessor preprocessor = new(body.Preprocessing, limits);
        LabelledImage[] some = [.. images.Take(MostImages)];
        long classCount = ShapeOf(network.Graph.Output[0])[0];
        float[] shipped = CachedPredictions.Of(
            exported,
            ClassifierEdges.Probabilities,
            [classCount],
            "answers of exported models",
            preprocessor,
            some,
            threads: 0,
            cache
        );

        OnnxModel tailModel = Subgraph.Tail(network, edge, body.InputShape);
        long[] shape = ShapeOf(tailModel.Graph.Input[0]);
        byte[] prefix = Subgraph.Prefix(Normalisation.Prepend(network, body.Preprocessing), edge).ToBytes();
        float[] activations = CachedPredictions.Of(
            prefix,
            edge,
            shape,
            "activations of the parity check",
            preprocessor,
            some,
            threads: 0,
            cache
        );
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph tail = new(tailModel);
        using IDisposable noGradient = inference_mode();
        Tensor logits = tail.Forward(AlignedTensor.Of(activations, [some.Length, .. shape])); // [N,C]
        float[] trained = [.. logits.DividedBy(temperature).softmax(1).contiguous().data<float>()]; // [N,C]

        double difference = shipped.Zip(trained, (a, b) => Math.Abs((double)a - b)).Max();
        return difference <= Tolerance
            ? difference
            : throw new GraftException(
                $"the exported model answers otherwise than the trained one (probabilities differ by {difference:0.####}, {Tolerance} is the limit); nothing was written: please report it"
            );
    }

    private static long[] ShapeOf(ValueInfoProto edge) =>
        [.. edge.Type.TensorType.Shape.Dim.Skip(1).Select(d => d.DimValue)]; // without the batch
}
