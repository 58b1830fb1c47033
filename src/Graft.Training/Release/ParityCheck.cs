using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Release;

/// <summary>Proves on real images that the exported file computes the same as the trained network.</summary>
internal static class ParityCheck
{
    /// <summary>Largest difference of a probability that passes, in float32.</summary>
    public const double Tolerance = 1e-3;

    private const int MaxImages = 8;

    /// <summary>
    /// Compares the file's probabilities in ONNX Runtime with those of the network in TorchSharp. ONNX Runtime computes
    /// the layers before the cut on both sides, because TorchSharp may not support them.
    /// </summary>
    /// <param name="exported">The exported file without its card.</param>
    /// <param name="network">The trained network, from normalised images to logits.</param>
    /// <param name="edge">The edge at which the trained part begins.</param>
    /// <param name="body">The body, which gives the input transform.</param>
    /// <param name="calibration">The calibration of the exported file.</param>
    /// <param name="images">Images to compare on; the first eight are used.</param>
    /// <param name="limits">What decoding one image may cost.</param>
    /// <param name="cache">Caches the answers of ONNX Runtime. TorchSharp computes every time. Null: no cache.</param>
    /// <returns>The largest difference of a probability.</returns>
    /// <exception cref="GraftException">The difference is above <see cref="Tolerance"/>.</exception>
    public static double Run(
        byte[] exported,
        OnnxModel network,
        string edge,
        TrainableBody body,
        Calibration calibration,
        IReadOnlyList<LabelledImage> images,
        DecodeLimits limits,
        ActivationCache? cache
    )
    {
        Preprocessor preprocessor = new(body.Preprocessing, limits);
        LabelledImage[] checkedImages = [.. images.Take(MaxImages)];
        long classCount = ShapeOf(network.Graph.Output[0])[0];
        float[] shipped = CachedPredictions.Of(
            exported,
            ClassifierEdges.Probabilities,
            [classCount],
            "answers of exported models",
            preprocessor,
            checkedImages,
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
            checkedImages,
            threads: 0,
            cache
        );
        float[] trained = Probabilities(tailModel, activations, [checkedImages.Length, .. shape], calibration);
        double difference = shipped.Zip(trained, (a, b) => Math.Abs((double)a - b)).Max();
        return difference <= Tolerance
            ? difference
            : throw new GraftException(
                $"the exported model differs from the trained one (probabilities by {difference:0.####}; the limit is "
                    + $"{Tolerance}), so nothing was written; please report this"
            );
    }

    // [N,C], computed by TorchSharp.
    private static float[] Probabilities(
        OnnxModel tailModel,
        float[] activations,
        long[] shape,
        Calibration calibration
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph tail = new(tailModel);
        using IDisposable noGradient = inference_mode();
        Tensor logits = tail.Forward(AlignedTensor.Of(activations, shape)); // [N,C]
        return [.. OutputNodes.Apply(logits, calibration).contiguous().data<float>()];
    }

    private static long[] ShapeOf(ValueInfoProto edge) =>
        [.. edge.Type.TensorType.Shape.Dim.Skip(1).Select(d => d.DimValue)]; // without the batch
}
